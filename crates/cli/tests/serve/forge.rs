//! A bare repository that people push to, and the configuration that watches it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{copy_folder, root, succeed};

/// A repository `shop.git` with the guestbook, a clone of it, and a configuration.
pub struct Forge {
    folder: tempfile::TempDir,
}

impl Forge {
    pub fn new() -> Self {
        let forge = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        forge.idle("1h");
        let bare = forge.folder.path().join("shop.git");
        git(
            forge.folder.path(),
            &["init", "--quiet", "--bare", "-b", "trunk", "shop.git"],
        );
        git(
            forge.folder.path(),
            &["init", "--quiet", "-b", "main", "clone"],
        );
        git(
            &forge.clone(),
            &["remote", "add", "origin", bare.to_str().unwrap()],
        );
        copy_folder(&root().join("examples/guestbook"), &forge.clone());
        // A remote without any branch is taken for one that does not say what it has.
        forge.commit("trunk", "none");
        forge
    }

    /// The file of the server.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("serve.toml")
    }

    /// Writes the file: environments without use for that long go to sleep.
    pub fn idle(&self, idle: &str) {
        let folder = self.folder.path().display();
        let text = format!(
            "[times]\nsettle = \"0s\"\nidle = \"{idle}\"\n\
             [forge.here]\nkind = \"git\"\nurl = \"file://{folder}\"\npoll = \"5s\"\n\
             [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"**\", \"!trunk\"]\nstarts = true\n"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// Pushes a commit to a branch: its page says `word`. The commit.
    pub fn commit(&self, branch: &str, word: &str) -> String {
        let page = self.clone().join("guestbook/templates/book.html");
        let page = if page.exists() {
            page
        } else {
            a_page(&self.clone())
        };
        let text = std::fs::read_to_string(&page).unwrap();
        std::fs::write(
            &page,
            text.replace("</body>", &format!("<p>{word}</p></body>")),
        )
        .unwrap();
        git(&self.clone(), &["checkout", "--quiet", "-B", branch]);
        git(&self.clone(), &["add", "--all"]);
        git(&self.clone(), &["commit", "--quiet", "--message", word]);
        git(&self.clone(), &["push", "--quiet", "origin", branch]);
        git(&self.clone(), &["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// A branch at what another one shows.
    pub fn branch(&self, name: &str, at: &str) {
        git(
            &self.clone(),
            &[
                "push",
                "--quiet",
                "origin",
                &format!("{at}:refs/heads/{name}"),
            ],
        );
    }

    pub fn delete(&self, name: &str) {
        let bare = self.folder.path().join("shop.git");
        git(&bare, &["update-ref", "-d", &format!("refs/heads/{name}")]);
    }

    fn clone(&self) -> PathBuf {
        self.folder.path().join("clone")
    }
}

/// A template of the guestbook with a body of its own.
fn a_page(clone: &Path) -> PathBuf {
    let templates = clone.join("guestbook/templates").read_dir().unwrap();
    let mut pages = templates.flatten().map(|entry| entry.path());
    let has_end =
        |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|text| text.contains("</body>"));
    pages.find(has_end).unwrap()
}

fn git(folder: &Path, words: &[&str]) -> String {
    let somebody = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "-c",
        "commit.gpgSign=false",
    ];
    succeed(
        Command::new("git")
            .args(somebody)
            .args(words)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null"),
    )
}
