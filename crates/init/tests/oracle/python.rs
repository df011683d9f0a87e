//! A Python with packages of others.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use tempfile::TempDir;

/// A Python that has the packages.
pub struct Python {
    program: PathBuf,
    /// Keeps a virtual environment that was made for this.
    _home: Option<TempDir>,
}

impl Python {
    /// Finds one, or makes a virtual environment, or says why not.
    pub fn with(packages: &[&str]) -> Option<Self> {
        let imports = format!("import {}", packages.join(", "));
        let has = |program: &PathBuf| {
            let output = Command::new(program).args(["-c", &imports]).output();
            output.is_ok_and(|output| output.status.success())
        };
        let program = std::env::var_os("BOATYARD_ORACLE_PYTHON")
            .map_or_else(|| PathBuf::from("python3"), PathBuf::from);
        if has(&program) {
            return Some(Self {
                program,
                _home: None,
            });
        }
        let home = TempDir::new().unwrap();
        let made = home.path().join("bin/python3");
        let result =
            run(Command::new(&program).args(["-m", "venv"]).arg(home.path())).and_then(|()| {
                run(Command::new(&made)
                    .args(["-m", "pip", "install", "-q", "tzdata"])
                    .args(packages))
            });
        match result {
            Ok(()) => Some(Self {
                program: made,
                _home: Some(home),
            }),
            Err(why) => {
                // Not by eprintln, which the test harness keeps to itself.
                let line = format!(
                    "not run: no Python with {}: {}\n",
                    packages.join(", "),
                    why.trim()
                );
                let _ = std::io::stderr().write_all(line.as_bytes());
                None
            }
        }
    }

    /// Runs a script with this on its standard input; what it writes, line by line.
    pub fn ask(&self, script: &str, questions: String) -> Vec<String> {
        let mut child = Command::new(&self.program)
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = thread::spawn(move || stdin.write_all(questions.as_bytes()));
        let Output { status, stdout, .. } = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(status.success(), "the oracle failed");
        String::from_utf8(stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr)
            .lines()
            .last()
            .unwrap_or("it failed")
            .to_owned())
    }
}

/// How many cases to put, by default `usual`.
pub fn cases(usual: usize) -> usize {
    std::env::var("BOATYARD_ORACLE_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}
