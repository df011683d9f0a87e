//! A real registry: Debian's `docker-registry`, on a loopback port of its own.
#![allow(dead_code, reason = "every test uses some of it")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use boatyard_plan::reference::Reference;
use boatyard_store::registry::Options;

const PROGRAM: &str = "/usr/bin/docker-registry";

/// A registry that runs until this is dropped.
pub struct Registry {
    child: Child,
    pub port: u16,
    pub home: tempfile::TempDir,
}

impl Registry {
    /// `None`, with a line that says so, if the program is not installed.
    pub fn start(test: &str, with_password: bool) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let users = home.path().join("users");
        // User "me", password "secret".
        fs::write(&users, format!("me:{BCRYPT}\n")).unwrap();
        let auth = if with_password {
            format!(
                "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
                users.display()
            )
        } else {
            String::new()
        };
        Self::start_in(test, home, &auth)
    }

    /// One that has images removed.
    pub fn that_deletes(test: &str) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        // YAML: it goes on with what is said of storage.
        Self::begin(test, home, "  delete:\n    enabled: true\n", "")
    }

    /// The same with a folder that exists, and what its configuration says of who may do what.
    pub fn start_in(test: &str, home: tempfile::TempDir, auth: &str) -> Option<Self> {
        Self::begin(test, home, "", auth)
    }

    fn begin(test: &str, home: tempfile::TempDir, storage: &str, auth: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            println!("not run: {test}: no {PROGRAM}");
            return None;
        }
        let config = home.path().join("config.yml");
        let settings = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: {}\n{storage}http:\n  addr: 127.0.0.1:0\n{auth}",
            home.path().join("data").display()
        );
        fs::write(&config, settings).unwrap();
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .arg(&config)
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // The kernel chose the port: nobody else can have taken it meanwhile.
        let port = lines
            .find_map(|line| port(&line.unwrap()))
            .expect("the registry ended");
        // It must be able to write its log on.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, port, home })
    }

    pub fn name(&self, rest: &str) -> Reference {
        format!("127.0.0.1:{}/{rest}", self.port).parse().unwrap()
    }
}

/// The port in a line of the registry's log that says `listening on 127.0.0.1:PORT`.
fn port(line: &str) -> Option<u16> {
    let (_, after) = line.split_once("listening on 127.0.0.1:")?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

pub fn options() -> Options {
    Options {
        attempts: 2,
        pause: std::time::Duration::ZERO,
        ..Options::from_variables(|_| None)
    }
}
