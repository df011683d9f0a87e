//! A clone of a repository, to commit in and to push from.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::succeed;

/// A clone of a repository.
pub struct Checkout {
    folder: PathBuf,
}

impl Checkout {
    /// An empty one whose origin is there.
    pub fn new(folder: PathBuf, origin: &str) -> Self {
        std::fs::create_dir(&folder).unwrap();
        let clone = Self { folder };
        clone.git(&["init", "--quiet", "-b", "main"]);
        clone.git(&["remote", "add", "origin", origin]);
        clone
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The page of the guestbook says `word` from the next commit on.
    pub fn say(&self, word: &str) {
        let page = self.folder.join("guestbook/templates/book.html");
        let page = if page.exists() { page } else { self.a_page() };
        let text = std::fs::read_to_string(&page).unwrap();
        let text = text.replace("</body>", &format!("<p>{word}</p></body>"));
        std::fs::write(&page, text).unwrap();
    }

    /// Commits all that is there and pushes it to a branch. The commit.
    pub fn push(&self, branch: &str, message: &str) -> String {
        self.git(&["checkout", "--quiet", "-B", branch]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
        self.git(&["push", "--quiet", "origin", branch]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub fn git(&self, words: &[&str]) -> String {
        git(&self.folder, words)
    }

    /// A template with a body of its own.
    fn a_page(&self) -> PathBuf {
        let templates = self.folder.join("guestbook/templates").read_dir().unwrap();
        let mut pages = templates.flatten().map(|entry| entry.path());
        let has_end = |path: &PathBuf| {
            std::fs::read_to_string(path).is_ok_and(|text| text.contains("</body>"))
        };
        pages.find(has_end).unwrap()
    }
}

/// Runs git as somebody, whatever this machine has set.
pub fn git(folder: &Path, words: &[&str]) -> String {
    let somebody = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "-c",
        "commit.gpgSign=false",
        // A forge on this machine is reached by no proxy.
        "-c",
        "http.proxy=",
    ];
    succeed(
        Command::new("git")
            .args(somebody)
            .args(words)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null"),
    )
}
