//! An environment that people look at, and what they ask of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::Server;

/// For whoever waits for an answer.
const ANSWER: Duration = Duration::from_secs(60);

/// An environment that people look at.
pub struct Address {
    pub(super) server: String,
    pub(super) host: String,
}

impl Address {
    /// The environment of that host, through the server that answers there.
    pub fn of(server: &str, host: &str) -> Self {
        let (server, host) = (server.to_owned(), host.to_owned());
        Self { server, host }
    }

    /// What the environment is called on the command line.
    pub fn label(&self) -> &str {
        self.host.split('.').next().unwrap()
    }

    /// The same environment, through another server.
    pub fn through(&self, server: &Server) -> Self {
        let (name, _) = self.host.rsplit_once(':').unwrap();
        let (_, port) = server.address.rsplit_once(':').unwrap();
        Self {
            server: server.address.clone(),
            host: format!("{name}:{port}"),
        }
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path}"), "", "")
    }

    pub fn post(&self, form: &str) -> u16 {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.ask("POST /", kind, form).0
    }

    /// Asks for a page, and waits for nothing; who drops what this returns is gone.
    pub fn knock(&self) -> TcpStream {
        self.send("GET /", "", "")
    }

    /// What is answered: the status, and what comes after the head.
    pub fn ask(&self, what: &str, headers: &str, body: &str) -> (u16, String) {
        let mut stream = self.send(what, headers, body);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        println!("{what} at {}: {answer}", self.host);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    fn send(&self, what: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.server).unwrap();
        stream.set_read_timeout(Some(ANSWER)).unwrap();
        let (host, length) = (&self.host, body.len());
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: story\r\n\
             {headers}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        stream
    }
}
