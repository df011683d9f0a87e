//! Init's side.

use std::fs;
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use boatyard_init::control::{Begun, Pace, Progress, Refused, Request, State, Status, read};
use boatyard_init::environment::Environment;
use boatyard_init::http;
use boatyard_init::signal::Signal;

use super::place;
use crate::pid1::http_server::{HttpServer, Reply};
use crate::pid1::own_folder;
use crate::pid1::sys::poll::For;

/// What somebody has told init to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// To take this for received.
    Signal(Signal),
    /// To end the service with this index and start it again.
    Restart(usize),
}

/// Listens, and answers by itself.
pub struct Control {
    server: HttpServer,
    /// The socket file; none: a port, where nobody can tell who asks, so that nothing can be told to do.
    file: Option<PathBuf>,
}

impl Control {
    /// Listens in the first folder that can be had and where no other init does, else at the port that is named; none where
    /// neither can be had.
    pub fn open(environment: &Environment) -> Option<Self> {
        for folder in own_folder::own(environment) {
            let path = folder.join(place::NAME);
            // Containers of a pod may share the folder.
            if UnixStream::connect(&path).is_ok() {
                continue;
            }
            if let Ok(server) = HttpServer::private(&path) {
                let file = Some(path);
                return Some(Self { server, file });
            }
        }
        let server = HttpServer::at(place::port(environment)?).ok()?;
        Some(Self { server, file: None })
    }

    /// What to wait for.
    pub fn waits(&self) -> impl Iterator<Item = (RawFd, For)> {
        self.server.waits()
    }

    /// When a connection has taken too long.
    pub fn deadline(&self) -> Option<Duration> {
        self.server.deadline()
    }

    /// Answers who has asked. Gives what is to be done. `pace` tells how long a restart of a service takes, or why it is
    /// not to be.
    pub fn serve(
        &mut self,
        now: Duration,
        status: &dyn Fn() -> Status,
        pace: &dyn Fn(usize) -> Result<Pace, Refused>,
    ) -> Vec<Told> {
        let may_tell = self.file.is_some();
        let mut told = Vec::new();
        self.server.serve(now, &mut |request| {
            Reply::Now(match read(request) {
                Progress::Incomplete => return Reply::Incomplete,
                Progress::Refused(code) => http::words(code),
                Progress::Asked(Request::Alive) => http::words(200),
                Progress::Asked(Request::Ready) if status().state == State::Running => {
                    http::words(200)
                }
                Progress::Asked(Request::Ready) => http::words(503),
                Progress::Asked(Request::Status { as_json: true }) => {
                    http::response(200, &format!("{}\n", status().to_json()))
                }
                Progress::Asked(Request::Status { as_json: false }) => {
                    http::response(200, &status().to_string())
                }
                Progress::Asked(Request::Signal(_) | Request::Restart(_)) if !may_tell => {
                    http::words(403)
                }
                Progress::Asked(Request::Signal(signal)) => {
                    told.push(Told::Signal(signal));
                    http::words(200)
                }
                Progress::Asked(Request::Restart(name)) => {
                    match Begun::of(&status(), &name, pace) {
                        Ok((index, begun)) => {
                            told.push(Told::Restart(index));
                            http::response(200, &format!("{}\n", begun.to_json()))
                        }
                        Err(refused) => http::response(refused.status(), &format!("{refused}\n")),
                    }
                }
            })
        });
        told
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            drop(fs::remove_file(file));
        }
    }
}
