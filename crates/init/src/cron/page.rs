//! What is answered over HTTP: `/metrics` for Prometheus, `/health` and `/` for probes.

use super::metric::{Reloads, metrics};
use super::scheduler::Scheduler;

/// The longest request that is read.
pub const LONGEST_REQUEST: usize = 4096;

/// The whole answer to what was read so far; none while the request is not complete.
pub fn answer(request: &[u8], scheduler: &Scheduler, reloads: Reloads) -> Option<Vec<u8>> {
    let ended = request.windows(4).any(|window| window == b"\r\n\r\n")
        || request.windows(2).any(|window| window == b"\n\n");
    if !ended {
        return (request.len() >= LONGEST_REQUEST)
            .then(|| page("431 Request Header Fields Too Large", "too long\n"));
    }
    let first = request
        .split(|&byte| byte == b'\r' || byte == b'\n')
        .next()
        .unwrap_or_default();
    let mut words = std::str::from_utf8(first).unwrap_or_default().split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    if !version.is_some_and(|version| version.starts_with("HTTP/1.")) || words.next().is_some() {
        return Some(page("400 Bad Request", "bad request\n"));
    }
    if method != Some("GET") {
        return Some(page("405 Method Not Allowed", "only GET\n"));
    }
    let path = target
        .unwrap_or_default()
        .split('?')
        .next()
        .unwrap_or_default();
    Some(match path {
        "/metrics" => page("200 OK", &metrics(scheduler, reloads)),
        "/" | "/health" => page("200 OK", "OK\n"),
        _ => page("404 Not Found", "not found\n"),
    })
}

fn page(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    (head + body).into_bytes()
}
