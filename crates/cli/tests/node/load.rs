//! Guests that come all the time, and what becomes of their requests.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::support::wait_for;

/// They go home after this, whatever becomes of the test.
const AT_MOST: Duration = Duration::from_secs(600);
/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a guest comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A connection for each request.
    Anew,
    /// As many requests on a connection as the server allows.
    Keeps,
}

/// What became of requests.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many were answered with 200, by what the title of the page said.
    pub answered: BTreeMap<String, u64>,
    /// How many of them were sent on a connection that had been used.
    pub reused: u64,
    /// Connections that the server had closed while nothing was asked; the request was sent again on a new one, as HTTP
    /// has it (RFC 9112, section 9.3.1).
    pub closed: u64,
    /// Why others were not.
    pub failures: Vec<String>,
}

impl Tally {
    /// All that were answered.
    pub fn total(&self) -> u64 {
        self.answered.values().sum()
    }
}

/// Guests.
pub struct Load {
    tally: Arc<Mutex<Tally>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Guests who ask `address` for `path`, one for each of `manners`, in the network of this thread. Each waits for
    /// `pace` between requests.
    pub fn begin(address: SocketAddr, paths: &[(&str, Manner)], pace: Duration) -> Self {
        let tally = Arc::<Mutex<Tally>>::default();
        let stop = Arc::<AtomicBool>::default();
        let end = Instant::now() + AT_MOST;
        let threads = paths
            .iter()
            .map(|&(path, manner)| {
                let (tally, stop, path) = (tally.clone(), stop.clone(), path.to_owned());
                thread::spawn(move || {
                    let mut guest = Guest {
                        address,
                        manner,
                        line: None,
                    };
                    while !stop.load(Ordering::Relaxed) && Instant::now() < end {
                        guest.come(&path, &tally);
                        thread::sleep(pace);
                    }
                })
            })
            .collect();
        Self {
            tally,
            stop,
            threads,
        }
    }

    /// What is known so far.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap().clone()
    }

    /// Waits until so many more are answered, or one fails.
    pub fn wait_for_more(&self, count: u64) {
        let before = self.tally().total();
        wait_for("guests who are answered", 60, || {
            let tally = self.tally();
            (tally.total() >= before + count || !tally.failures.is_empty()).then_some(())
        });
    }

    /// All go home.
    pub fn end(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.tally.lock().unwrap().clone()
    }
}

struct Guest {
    address: SocketAddr,
    manner: Manner,
    /// One that the server has left open.
    line: Option<BufReader<TcpStream>>,
}

impl Guest {
    fn come(&mut self, path: &str, tally: &Mutex<Tally>) {
        let begin = Instant::now();
        let was_used = self.line.is_some();
        let mut answer = self.ask(path);
        let is_closed = was_used && answer.as_ref().is_err_and(|error| error.is_before);
        if is_closed {
            answer = self.ask(path);
        }
        // Of the day, as the logs of components have it.
        let at = clock();
        let mut tally = tally.lock().unwrap();
        tally.closed += u64::from(is_closed);
        match answer {
            Ok((200, body)) => {
                tally.reused += u64::from(was_used && !is_closed);
                *tally.answered.entry(title(&body)).or_default() += 1;
            }
            Ok((status, body)) => tally
                .failures
                .push(format!("{at} {path}: {status}: {body}")),
            Err(failure) => {
                let (took, manner) = (begin.elapsed(), self.manner);
                let error = failure.error;
                let said = format!("{at} {path}, {manner:?}, after {took:?}: {error}");
                tally.failures.push(said);
            }
        }
    }

    fn ask(&mut self, path: &str) -> Result<(u16, String), Failure> {
        let mut line = match self.line.take() {
            Some(line) => line,
            None => BufReader::new(self.connect()?),
        };
        let connection = match self.manner {
            Manner::Anew => "close",
            Manner::Keeps => "keep-alive",
        };
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: {connection}\r\n\r\n");
        // One write: what is sent is whole.
        line.get_mut()
            .write_all(request.as_bytes())
            .map_err(before)?;
        if line.fill_buf().map_err(before)?.is_empty() {
            return Err(before(io::ErrorKind::UnexpectedEof.into()));
        }
        let answer = read(&mut line)?;
        if answer.stays && self.manner == Manner::Keeps {
            self.line = Some(line);
        }
        Ok((answer.status, answer.body))
    }

    fn connect(&self) -> Result<TcpStream, Failure> {
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

struct Answer {
    status: u16,
    body: String,
    /// Whether the server keeps the connection.
    stays: bool,
}

struct Failure {
    error: io::Error,
    /// Nothing of an answer had come, and not for want of time.
    is_before: bool,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            error,
            is_before: false,
        }
    }
}

fn before(error: io::Error) -> Failure {
    let is_before = !matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    );
    Failure { error, is_before }
}

fn read(line: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let mut head = Vec::new();
    loop {
        let mut text = String::new();
        if line.read_line(&mut text)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match text.trim_end() {
            "" => break,
            text => head.push(text.to_ascii_lowercase()),
        }
    }
    let invalid = || io::Error::other(format!("no answer that is understood: {head:?}"));
    let field = |name: &str| head.iter().find_map(|line| line.strip_prefix(name));
    let status = head
        .first()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let length = field("content-length: ").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.ok_or_else(invalid)?];
    line.read_exact(&mut body)?;
    Ok(Answer {
        status: status.ok_or_else(invalid)?,
        body: String::from_utf8_lossy(&body).into_owned(),
        stays: field("connection: ") != Some("close"),
    })
}

/// What stands between `<title>` and its end; nothing if there is none.
fn title(body: &str) -> String {
    let after = body.split_once("<title>");
    let title = after.and_then(|(_, after)| after.split_once("</title>"));
    title.map_or_else(String::new, |(title, _)| title.to_owned())
}

/// Hours, minutes and seconds of the day (UTC), as the logs of components have them.
fn clock() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let day = since.as_secs() % 86400;
    let (hours, minutes, seconds) = (day / 3600, day / 60 % 60, day % 60);
    format!(
        "{hours:02}:{minutes:02}:{seconds:02}.{:03}",
        since.subsec_millis()
    )
}
