//! A web server for one test.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What was asked for: each request's lines.
pub type Requests = Arc<Mutex<Vec<Vec<String>>>>;

/// Answers each request by `answer`, which gets the path and whether the request knows the state "one"; ends with the
/// program. Gives its address and what was asked so far.
pub fn serve(answer: impl Fn(&str, bool) -> Vec<u8> + Send + 'static) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Requests::default();
    let seen = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let lines: Vec<String> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let Some(path) = lines.first().and_then(|line| line.split(' ').nth(1)) else {
                continue;
            };
            let knows = lines
                .iter()
                .any(|line| line.eq_ignore_ascii_case("if-none-match: \"one\""));
            let bytes = answer(path, knows);
            seen.lock().unwrap().push(lines);
            // A client that has gone is not this server's concern.
            let _ = stream.write_all(&bytes);
        }
    });
    (address, requests)
}

/// An answer of `status` with these header lines and this body.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n", body.len());
    [text.as_bytes(), body].concat()
}
