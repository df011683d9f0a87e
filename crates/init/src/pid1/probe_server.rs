//! Where probes come in.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use boatyard_init::http;
use boatyard_init::probe::{Progress, Question, read};

use super::http_server::{HttpServer, Reply};
use super::sys::poll::For;

/// Listens, and holds the connections of those who have asked.
pub struct ProbeServer(HttpServer);

impl ProbeServer {
    /// Listens at `HOST:PORT`, `:PORT` or the path of a socket, which is replaced if it is there.
    pub fn new(address: &str) -> io::Result<Self> {
        HttpServer::new(address).map(Self)
    }

    /// What to wait for.
    pub fn waits(&self) -> impl Iterator<Item = (RawFd, For)> {
        self.0.waits()
    }

    /// When a connection has taken too long.
    pub fn deadline(&self) -> Option<Duration> {
        self.0.deadline()
    }

    /// Accepts and reads what is there. Gives the questions that have become known.
    pub fn take(&mut self, now: Duration) -> Vec<Question> {
        self.0.serve(now, &mut |request| match read(request) {
            Progress::Incomplete => Reply::Incomplete,
            Progress::Asked(question) => Reply::Later(question),
            Progress::Refused(status) => Reply::Now(http::words(status)),
        })
    }

    /// Answers all who have asked this.
    pub fn answer(&mut self, question: Question, status: u16) {
        self.0.answer(question, &http::words(status));
    }
}
