//! The server under test, what it says, and a way to its environments.
#![allow(dead_code, reason = "each test file uses a part")]

#[path = "address.rs"]
mod address;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{boatyard, fail};

pub use address::Address;

/// How long anything may take: an image may have to be built first.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long it may take to end.
const ENDS: Duration = Duration::from_secs(60);

/// A server that runs.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<Value>,
    /// Environment, commit (none once it is gone) and phase, as they were told.
    trace: Vec<(String, String, String)>,
    address: String,
}

fn command(home: &Path, file: &Path) -> Command {
    let mut command = boatyard(home, home);
    command
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--config"])
        .arg(file);
    command
}

impl Server {
    /// With the configuration in `file`, and these variables besides; it leads when this returns.
    pub fn start(home: &Path, file: &Path, variables: &[(&str, String)]) -> Self {
        let mut server = Self::begin(home, file, variables);
        server.leads();
        server
    }

    /// The same, not waited for.
    pub fn begin(home: &Path, file: &Path, variables: &[(&str, String)]) -> Self {
        let mut command = command(home, file);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Self::spawned(command)
    }

    /// The same, whatever else the command does before it is the server.
    pub fn spawned(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("serve: {line}");
                let _ = sender.send(line);
            }
        });
        Self {
            child,
            lines,
            heard: Vec::new(),
            trace: Vec::new(),
            address: String::new(),
        }
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it keeps environments, whatever becomes of them.
    pub fn leads(&mut self) {
        let leads = |said: &Value| said["event"] == "listening";
        let said = self.await_one("the server to listen", leads, |_| false);
        self.address = text(&said["address"]);
    }

    /// Waits until it says that it stands by; who leads.
    pub fn stands_by(&mut self) -> String {
        let said = self.wait("the server to stand by", |said| {
            said["event"] == "standing-by"
        });
        self.address = text(&said["address"]);
        text(&said["by"])
    }

    /// Waits until it says something that begins so, as a `warning` or `mended`.
    pub fn says(&mut self, event: &str, begin: &str) {
        self.wait(begin, |said| {
            let what = said["message"].as_str().unwrap_or_default();
            said["event"] == event && what.starts_with(begin)
        });
    }

    /// Waits until it says that it may not lead any more, whatever becomes of environments.
    pub fn loses(&mut self) {
        let lost = |said: &Value| {
            let what = said["message"].as_str();
            what.is_some_and(|what| what.starts_with("the lease is lost"))
        };
        self.await_one("the server to lose its lease", lost, |_| false);
    }

    /// Waits until it ends by itself, with that exit code; why.
    pub fn refuses(mut self, code: i32) -> String {
        let said = self.wait("the server to end", |said| !said["error"].is_null());
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(code), "{said}");
        said["error"].to_string()
    }

    /// Its own page, or whatever it hands on.
    pub fn own(&self) -> Address {
        let (server, host) = (self.address.clone(), self.address.clone());
        Address { server, host }
    }

    /// What a second server on the same state complains about.
    pub fn refused(home: &Path, file: &Path) -> String {
        fail(&mut command(home, file), 2)
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What it answers to a hook with these headers; each ends with CR LF.
    pub fn hook(&self, path: &str, headers: &str, body: &str) -> u16 {
        self.own().ask(&format!("POST {path}"), headers, body).0
    }

    /// The environment of a commit, once it runs.
    pub fn running(&mut self, commit: &str) -> Address {
        let said = self.phase(commit, "running");
        self.of(&said)
    }

    /// The environment of a commit of that branch, once it runs.
    pub fn running_at(&mut self, branch: &str, commit: &str) -> Address {
        let what = format!("{branch} to run");
        let said = self.wait(&what, |said| {
            is(said, commit, "running") && of(said) == branch
        });
        self.of(&said)
    }

    /// What is said when an environment of a commit gets to that phase.
    pub fn phase(&mut self, commit: &str, phase: &str) -> Value {
        self.wait(&format!("{commit} to be {phase}"), |said| {
            is(said, commit, phase)
        })
    }

    /// Waits until an environment of a commit gets to that phase; what was said before that counts no more.
    pub fn passes(&mut self, commit: &str, phase: &str) {
        let heard = self.heard.iter().position(|said| is(said, commit, phase));
        self.phase(commit, phase);
        self.heard.drain(..heard.unwrap_or(self.heard.len()));
    }

    /// What is said when an environment of a commit has failed.
    pub fn failed(&mut self, commit: &str) -> Value {
        self.wait_through(&format!("{commit} to fail"), |said| {
            is(said, commit, "failed")
        })
    }

    /// Waits until the environment of a commit of that branch, or of `#5`, is gone; its id.
    pub fn gone(&mut self, commit: &str, branch: &str) -> String {
        let what = format!("{branch} to be removed");
        let removing = self.wait(&what, |said| {
            is(said, commit, "removing") && of(said) == branch
        });
        self.wait(&format!("{branch} to be gone"), |said| {
            said["id"] == removing["id"] && said["environment"].is_null()
        });
        removing["id"].as_str().unwrap().to_owned()
    }

    /// Environment, commit and phase of all that was heard so far, in order; of what is gone the phase is that, and there is no commit.
    pub fn trace(&self) -> Vec<(String, String, String)> {
        self.trace.clone()
    }

    /// Has it read its configuration again.
    pub fn reload(&mut self) {
        self.signal(Signal::HUP);
        self.wait("the configuration to be read", |said| {
            said["event"] == "reloaded"
        });
    }

    /// As a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, which it does within seconds.
    pub fn end(mut self) {
        let begin = Instant::now();
        self.signal(Signal::TERM);
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let took = begin.elapsed();
        assert!(took < ENDS, "it took {took:?} to end");
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn of(&self, said: &Value) -> Address {
        self.at(said["url"].as_str().unwrap())
    }

    /// The environment at that URL.
    pub fn at(&self, url: &str) -> Address {
        let host = url.strip_prefix("http://").unwrap();
        Address {
            server: self.address.clone(),
            host: host.trim_end_matches('/').to_owned(),
        }
    }

    fn note(&mut self, said: &Value) {
        let Some(id) = said["id"].as_str() else {
            return;
        };
        let environment = &said["environment"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let phase = if environment.is_null() {
            "gone".to_owned()
        } else {
            text(&environment["phase"])
        };
        let commit = text(&environment["revision"]["commit"]);
        self.trace.push((id.to_owned(), commit, phase));
    }

    /// The first thing said that is `meant`; what was said before counts, once.
    fn wait(&mut self, what: &str, meant: impl Fn(&Value) -> bool) -> Value {
        let is_bad = |said: &Value| {
            let phase = said["environment"]["phase"].as_str();
            matches!(phase, Some("failed" | "stuck"))
        };
        self.await_one(what, meant, is_bad)
    }

    /// The same; nothing may be stuck, but what fails is awaited.
    fn wait_through(&mut self, what: &str, meant: impl Fn(&Value) -> bool) -> Value {
        self.await_one(what, meant, |said| said["environment"]["phase"] == "stuck")
    }

    fn await_one(
        &mut self,
        what: &str,
        meant: impl Fn(&Value) -> bool,
        is_bad: impl Fn(&Value) -> bool,
    ) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.heard.iter().position(&meant) {
                return self.heard.remove(at);
            }
            let rest = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(rest);
            let line = line.unwrap_or_else(|_| panic!("waited for {what}"));
            let said: Value = serde_json::from_str(&line).unwrap();
            self.note(&said);
            let is_bad = is_bad(&said) && !meant(&said);
            assert!(!is_bad, "while waiting for {what}: {line}");
            self.heard.push(said);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is(said: &Value, commit: &str, phase: &str) -> bool {
    let environment = &said["environment"];
    environment["revision"]["commit"] == commit && environment["phase"] == phase
}

/// The branch, or the number of the pull request with `#` before it.
fn of(said: &Value) -> String {
    let subject = &said["environment"]["revision"]["place"]["subject"];
    let number = subject["pull-request"].as_u64();
    let branch = subject["branch"].as_str().unwrap_or_default();
    number.map_or_else(|| branch.to_owned(), |number| format!("#{number}"))
}

fn text(said: &Value) -> String {
    said.as_str().unwrap().to_owned()
}
