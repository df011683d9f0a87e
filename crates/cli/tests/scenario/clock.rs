//! A clock on the wall that jumps, of the server and what it starts alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::not_run;

const SOURCE: &str = include_str!("clock.c");

/// A clock that can be set.
pub struct Clock {
    library: PathBuf,
    more: PathBuf,
}

impl Clock {
    /// One in `folder`; none: this machine has no compiler of C, and its clock goes as it does.
    pub fn new(folder: &Path) -> Option<Self> {
        let [source, library, more] =
            ["clock.c", "clock.so", "clock"].map(|name| folder.join(name));
        std::fs::write(&source, SOURCE).unwrap();
        let mut compiler = Command::new("cc");
        let compiler = compiler.args(["-shared", "-fPIC", "-o"]);
        let made = compiler.arg(&library).arg(&source).arg("-ldl").status();
        if !made.is_ok_and(|made| made.success()) {
            not_run("clocks that jump: there is no cc");
            return None;
        }
        let clock = Self { library, more };
        clock.set("0");
        Some(clock)
    }

    /// From now on it is so many seconds ahead of the machine's.
    pub fn set(&self, seconds: &str) {
        // Whoever reads it meanwhile sees the one or the other.
        let new = self.more.with_extension("new");
        std::fs::write(&new, seconds).unwrap();
        std::fs::rename(new, &self.more).unwrap();
    }

    /// Whether a process was given another time than the machine's.
    pub fn was_read_by(&self, process: u32) -> bool {
        self.more.with_extension(process.to_string()).exists()
    }

    /// What whoever goes by it is started with.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.display().to_string();
        vec![
            ("LD_PRELOAD", text(&self.library)),
            ("SCENARIO_CLOCK", text(&self.more)),
        ]
    }
}
