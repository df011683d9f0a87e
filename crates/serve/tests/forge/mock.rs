//! A forge on loopback, made up: two pages of branches and pull requests, in a mood.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::model::{Model, Mood};

pub struct Mock {
    pub url: String,
    pub model: Arc<Mutex<Model>>,
}

pub fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl Mock {
    /// A forge of that kind; its thread ends with the test.
    pub fn new(kind: &'static str) -> Self {
        let branches = [("main", '1'), ("a/b", '2'), ("release/1", '3')];
        let requests = [
            (5, '5', "anne", false),
            (6, '6', "carol", true),
            (7, '7', "eve", true),
        ];
        let model = Model {
            kind,
            mood: Mood::Well,
            has_vanished: false,
            branches: branches
                .map(|(name, digit)| (name.to_owned(), commit(digit)))
                .into(),
            requests: requests
                .map(|(number, digit, author, is_fork)| {
                    (number, (commit(digit), author.to_owned(), is_fork))
                })
                .into(),
            asked: Vec::new(),
            not_modified: 0,
            posted: Vec::new(),
            comments: BTreeMap::new(),
            writers: vec!["carol".to_owned()],
            may_deploy: true,
            deployments: Vec::new(),
            environments: Vec::new(),
        };
        let model = Arc::new(Mutex::new(model));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::clone(&model);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let model = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &model));
            }
        });
        Self { url, model }
    }

    pub fn set(&self, change: impl FnOnce(&mut Model)) {
        change(&mut self.model.lock().unwrap());
    }

    pub fn look<T>(&self, look: impl FnOnce(&Model) -> T) -> T {
        look(&self.model.lock().unwrap())
    }
}

/// One request on one connection.
fn serve(stream: TcpStream, model: &Mutex<Model>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let Some(first) = lines.first().cloned() else {
        return;
    };
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut model = model.lock().unwrap();
    assert_eq!(
        header("authorization").as_deref(),
        Some("Bearer a token"),
        "{first}"
    );
    model.asked.push(format!("{method} {target}"));
    let (status, mut headers, text) = if method == "GET" {
        model.get(target)
    } else {
        model.post(method, target, &serde_json::from_slice(&body).unwrap())
    };
    let tag = format!(
        "\"{:x}\"",
        text.bytes()
            .fold(7_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(byte))
    );
    let is_known = status == 200 && header("if-none-match").is_some_and(|known| known == tag);
    let (status, text) = if is_known {
        model.not_modified += 1;
        (304, String::new())
    } else {
        (status, text)
    };
    headers.push(format!("ETag: {tag}"));
    let is_cut = model.mood == Mood::CutOff;
    drop(model);
    let sent = if is_cut {
        &text[..text.len() / 2]
    } else {
        &text
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n\r\n",
        text.len(),
        headers.join("\r\n")
    );
    let mut stream = stream;
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(sent.as_bytes()));
}
