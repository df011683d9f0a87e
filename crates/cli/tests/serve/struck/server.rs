//! A server that is killed now and then, and begins again at once.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use boatyard_preview::config;
use boatyard_serve::server::{Said, Start};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{BOATYARD, boatyard, text, wait_for};

/// How long anything may take, in seconds, with all that is done again meanwhile.
const PATIENCE: u64 = 300;
/// Set for a server: its configuration, its home, and what it takes for our command.
const VARIABLES: [&str; 3] = [
    "BOATYARD_TEST_CONFIG",
    "BOATYARD_TEST_SERVED",
    "BOATYARD_TEST_PROGRAM",
];

/// The number of its process, beside its programs.
const SERVER: &str = ".server";

pub struct Server {
    home: PathBuf,
    file: PathBuf,
    /// Where programs are that kill it.
    programs: PathBuf,
    struck: PathBuf,
    child: Child,
    pub deaths: usize,
}

/// Not a test by itself: the server, whose command is another one.
#[test]
fn serves() {
    let [Some(file), Some(home), Some(program)] = VARIABLES.map(std::env::var_os) else {
        return;
    };
    // Programs that it does not run itself kill nobody.
    let pid = std::process::id().to_string();
    let struck = Path::new(&program).parent().unwrap().join(SERVER);
    fs::write(struck, pid).unwrap();
    let file = PathBuf::from(file);
    let read = {
        let file = file.clone();
        move || {
            let text = fs::read_to_string(&file).unwrap();
            let mut config = config::parse(&text).unwrap();
            config.server.listen = ([127, 0, 0, 1], 0).into();
            config
        }
    };
    let start = Start {
        program: program.into(),
        home: home.into(),
        config: read(),
        beside: file.parent().unwrap().to_owned(),
        file: Some(file),
        reload: Box::new(move || Ok(read())),
        say: Arc::new(|said: &Said| println!("{said:?}")),
        otlp: None,
    };
    boatyard_serve::server::run(start).unwrap();
}

impl Server {
    pub fn start(home: &Path, file: &Path, folder: &Path) -> Self {
        let [programs, struck] = ["programs", "struck"].map(|name| folder.join(name));
        for folder in [&programs, &struck] {
            fs::create_dir(folder).unwrap();
        }
        for real in [Path::new(BOATYARD), &which("git")] {
            let script = include_str!("strike.sh")
                .replace("REAL", real.to_str().unwrap())
                .replace("STRUCK", struck.to_str().unwrap());
            let program = programs.join(real.file_name().unwrap());
            fs::write(&program, script).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let child = begin(home, file, &programs);
        Self {
            home: home.to_owned(),
            file: file.to_owned(),
            programs,
            struck,
            child,
            deaths: 0,
        }
    }

    /// The commands at which it was killed, each with when: before, amid, after.
    pub fn struck(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(&self.struck).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).collect()
    }

    /// If it was killed it begins again. It does not end in another way.
    fn revive(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            assert_eq!(status.signal(), Some(9), "{status}");
            self.deaths += 1;
            self.child = begin(&self.home, &self.file, &self.programs);
        }
    }

    /// Waits until it answers that, whatever happens to it meanwhile.
    pub fn until<T>(&mut self, what: &str, mut is: impl FnMut(&Self) -> Option<T>) -> T {
        let begin = Instant::now();
        let found = wait_for(what, PATIENCE, || {
            self.revive();
            is(self)
        });
        println!("{what}: {:?}, {} deaths", begin.elapsed(), self.deaths);
        found
    }

    /// All environments, as our command lists them; none: the server does not answer.
    pub fn list(&self) -> Option<Vec<Value>> {
        let listed = boatyard(&self.home, &self.home)
            .args(["preview", "ls", "--json"])
            .output()
            .unwrap();
        let told: Value = serde_json::from_slice(&listed.stdout).ok()?;
        let all = told["environments"].as_array()?.clone();
        let is_bad = |one: &&Value| matches!(one["phase"].as_str(), Some("failed" | "stuck"));
        assert_eq!(all.iter().find(is_bad), None);
        Some(all)
    }

    /// The environment of a commit once it is in that phase; others of its branch are gone.
    pub fn phase(&mut self, commit: &str, phase: &str) -> Value {
        self.until(&format!("{commit} to be {phase}"), |server| {
            let all = server.list()?;
            let one = all.iter().find(|one| one["commit"] == commit)?;
            let is_alone = all
                .iter()
                .filter(|other| other["branch"] == one["branch"])
                .count()
                == 1;
            (one["phase"] == phase && is_alone).then(|| one.clone())
        })
    }

    /// Asks for something about an environment, until it is heard.
    pub fn ask(&mut self, verb: &str, id: &Value) {
        let id = id.as_str().unwrap();
        self.until(&format!("{verb} {id}"), |server| {
            let mut asks = boatyard(&server.home, &server.home);
            let asked = asks.args(["preview", verb, id]).output().unwrap();
            println!("{verb}: {}", text(&asked.stderr));
            asked.status.success().then_some(())
        });
    }

    /// Opens the address of a commit until it shows that page; all that is written in it, with that word if there is one.
    pub fn shows(&mut self, commit: &str, page: &str, word: &str) -> String {
        let what = format!("{commit} to show {page:?}");
        self.until(&what, |server| server.shown(commit, page, word))
    }

    /// The same, if it shows it.
    pub fn shown(&self, commit: &str, page: &str, word: &str) -> Option<String> {
        let all = self.list()?;
        let one = all.iter().find(|one| one["commit"] == commit)?;
        let shown = get(
            one["commit_url"].as_str()?,
            &format!("/cgi-bin/entries?{word}"),
        )?;
        shown.strip_suffix(page).map(str::to_owned)
    }

    /// Asks it to end, which it does soon, and begins it again.
    pub fn again(&mut self) {
        self.ends();
        self.child = begin(&self.home, &self.file, &self.programs);
    }

    /// Asks it to end, which it does soon.
    pub fn end(mut self) {
        self.ends();
    }

    fn ends(&mut self) {
        let begin = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let child = &mut self.child;
        let status = wait_for("it to end", PATIENCE, || child.try_wait().unwrap());
        // A command of its last moments may kill it, too.
        let is_killed = status.signal() == Some(9);
        self.deaths += usize::from(is_killed);
        assert!(status.success() || is_killed, "{status}");
        println!("it ended in {:?}", begin.elapsed());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn begin(home: &Path, file: &Path, programs: &Path) -> Child {
    let path = std::env::var("PATH").unwrap();
    let program = programs.join(Path::new(BOATYARD).file_name().unwrap());
    let values = [file, home, &program];
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "struck::server::serves", "--nocapture"])
        .envs(VARIABLES.iter().zip(values))
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("BOATYARD_KEEP_BYTES", "all")
        .stdin(Stdio::null())
        .spawn()
        .unwrap()
}

fn which(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(name));
    places
        .find(|place| place.is_file())
        .expect("it is installed")
}

/// What an address of this machine answers, if it does.
fn get(url: &str, path: &str) -> Option<String> {
    let host = url.strip_prefix("http://")?.trim_end_matches('/');
    let (_, port) = host.rsplit_once(':')?;
    let mut stream = TcpStream::connect(("127.0.0.1", port.parse().ok()?)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .ok()?;
    let asks = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(asks.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
