//! An ordinary user of this machine.

use std::path::Path;
use std::process::Command;

use crate::support::text;

/// A user of this machine with subordinate ids, gone when dropped.
pub struct Somebody {
    name: String,
    pub uid: String,
}

impl Somebody {
    /// Needs root. Fails with a reason where this machine has no such users.
    pub fn new() -> Result<Self, &'static str> {
        if !Path::new("/usr/bin/newuidmap").exists() {
            return Err("newuidmap is not installed (Debian: uidmap)");
        }
        Self::made().ok_or("useradd cannot make a user here")
    }

    fn made() -> Option<Self> {
        let name = format!("boatyard-test-{}", std::process::id());
        let made = Command::new("useradd")
            .args(["--no-create-home", &name])
            .status()
            .ok()?
            .success();
        let id = Command::new("id").args(["-u", &name]).output().ok()?;
        let somebody = Self {
            name: name.clone(),
            uid: text(&id.stdout).trim().to_owned(),
        };
        let given = Command::new("usermod")
            .args([
                "--add-subuids",
                "700000-765535",
                "--add-subgids",
                "700000-765535",
                &name,
            ])
            .status()
            .ok()?
            .success();
        (made && given).then_some(somebody)
    }

    /// The beginning of a command that is run as this user.
    pub fn words(&self) -> Vec<String> {
        let user = [
            format!("--reuid={}", self.uid),
            format!("--regid={}", self.uid),
        ];
        let words = ["--clear-groups", "--inh-caps=-all"].map(str::to_owned);
        ["setpriv".to_owned()]
            .into_iter()
            .chain(user)
            .chain(words)
            .collect()
    }
}

impl Drop for Somebody {
    fn drop(&mut self) {
        let _ = Command::new("userdel").arg(&self.name).status();
    }
}

/// Gives a tree to a user.
pub fn give_away(path: &Path, uid: &str) {
    assert!(
        Command::new("chown")
            .args(["-R", uid])
            .arg(path)
            .status()
            .unwrap()
            .success()
    );
}
