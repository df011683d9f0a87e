//! The server under test, and what it watches.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use crate::boatyard::{Boatyard, Said};

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A repository `shop` that has a commit without a project, and a home.
pub struct World {
    pub boatyard: Boatyard,
}

/// A server that runs, and says a line for each thing that happens.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
    address: String,
}

impl World {
    /// Nothing, and a word about it, if Git is not here.
    pub fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            println!("not run: git is not installed");
            return None;
        }
        let world = Self {
            boatyard: Boatyard::new(),
        };
        let shop = world.folder("shop");
        std::fs::create_dir(&shop).unwrap();
        git(&shop, &["init", "--quiet", "-b", "main"]);
        git(
            &shop,
            &["commit", "--quiet", "--allow-empty", "-m", "first"],
        );
        Some(world)
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.boatyard.project().join(name)
    }

    /// Writes `serve.toml`, which watches `shop`, with these times.
    pub fn configure(&self, times: &str) {
        self.write("127.0.0.1:0", "shop", times);
    }

    /// Writes `serve.toml`, which has the server listen there and watch a repository.
    pub fn write(&self, listen: &str, repository: &str, times: &str) {
        let text = format!(
            "[server]\nlisten = \"{listen}\"\n[times]\n{times}\n[forge.here]\nkind = \"git\"\nurl = \"file://{}\"\npoll = \"5s\"\n\
             [[repository]]\nforge = \"here\"\nname = \"{repository}\"\nbranches = \"**\"\n",
            self.boatyard.project().display()
        );
        // Nobody sees half of it.
        self.boatyard.file("serve.toml.new", &text);
        std::fs::rename(self.folder("serve.toml.new"), self.folder("serve.toml")).unwrap();
    }

    /// What `boatyard preview` says to the same user.
    pub fn preview(&self, words: &[&str]) -> Said {
        let mut command = self.boatyard.command([&["preview"], words].concat());
        command
            .env_remove("BOATYARD_SERVER")
            .env_remove("BOATYARD_TOKEN");
        self.boatyard.said(&mut command)
    }
}

pub fn git(folder: &Path, words: &[&str]) {
    let status = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
        .args(words)
        .status()
        .unwrap();
    assert!(status.success(), "git {words:?}");
}

impl Server {
    /// One that is heard by a program.
    pub fn start(world: &World, words: &[&str]) -> Self {
        let mut command = command(world, words);
        let mut child = command
            .arg("--json")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut server = Self::new(child, stdout);
        let said = server.wait("it to listen", |said| said["event"] == "listening");
        said["address"]
            .as_str()
            .unwrap()
            .clone_into(&mut server.address);
        server
    }

    /// One that is started by a person.
    pub fn at_a_terminal(world: &World, words: &[&str]) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let theirs = File::options()
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap();
        let child = command(world, words).stdout(theirs).spawn().unwrap();
        let mut server = Self::new(child, File::from(ours));
        let line = server.line("it to listen", |line| line.starts_with("serving "));
        let (_, address) = line.trim_end_matches(')').rsplit_once(' ').unwrap();
        address.clone_into(&mut server.address);
        server
    }

    fn new(child: Child, stdout: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("serve: {line}");
                let _ = sender.send(line.trim_end().to_owned());
            }
        });
        Self {
            child,
            lines,
            heard: Vec::new(),
            address: String::new(),
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// What is said when an environment gets to that phase.
    pub fn phase(&mut self, phase: &str) -> Value {
        self.wait(&format!("something to be {phase}"), |said| {
            said["environment"]["phase"] == phase
        })
    }

    /// The first thing said that is `meant`; what was said before counts, once.
    pub fn wait(&mut self, what: &str, meant: impl Fn(&Value) -> bool) -> Value {
        let read = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        read(&self.line(what, |line| meant(&read(line))))
    }

    /// What is said of that kind with that in it.
    pub fn told(&mut self, event: &str, part: &str) -> String {
        let message = |said: &Value| said["message"].as_str().unwrap_or_default().to_owned();
        let said = self.wait(&format!("{part:?} to be said"), |said| {
            said["event"] == event && message(said).contains(part)
        });
        message(&said)
    }

    /// Has it read its configuration again.
    pub fn reload(&mut self) {
        // What has been said before is not about this.
        let _ = self.heard("reloaded");
        self.heard
            .retain(|line| !line.contains("\"event\":\"reloaded\""));
        self.signal(Signal::HUP);
        self.wait("the configuration to be read", |said| {
            said["event"] == "reloaded"
        });
    }

    /// The same, of lines.
    pub fn line(&mut self, what: &str, meant: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(at) = self.heard.iter().position(|line| meant(line)) {
                return self.heard.remove(at);
            }
            let rest = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(rest);
            self.heard
                .push(line.unwrap_or_else(|_| panic!("waited for {what}")));
        }
    }

    /// What has been said of that kind and nobody waited for, so far.
    pub fn heard(&mut self, event: &str) -> Vec<String> {
        self.heard.extend(self.lines.try_iter());
        let of = format!("\"event\":\"{event}\"");
        let all = self.heard.iter().filter(|line| line.contains(&of));
        all.cloned().collect()
    }

    /// What it answers at its own host, head and body; `headers`: a line each.
    pub fn ask(&self, method: &str, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: preview.localhost\r\nConnection: close\r\n\
             Content-Length: 0\r\n{headers}\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) {
        self.signal(Signal::TERM);
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begin.elapsed() < LIMIT, "waited for it to end");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(world: &World, words: &[&str]) -> Command {
    let mut command = world.boatyard.command(["serve"]);
    command.args(words);
    // A file says itself where to listen.
    if !words.contains(&"--config") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command
}
