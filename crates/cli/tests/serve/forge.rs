//! A bare repository that people push to, and the configuration that watches it.

use std::path::PathBuf;

use crate::checkout::{Checkout, git};
use crate::support::{copy_folder, root};

/// What cleans up sees what is in the database.
const CLEANUP: &str = r#"
[job.farewell]
command = ["python", "-c", "from guestbook import app; from common.models import Entry, db; app.app_context().push(); print('farewell to', [one.message for one in db.session.scalars(db.select(Entry))])"]
[preview]
cleanup = ["farewell"]
"#;

/// A repository `shop.git` with the guestbook, a clone of it, and a configuration.
pub struct Forge {
    folder: tempfile::TempDir,
    clone: Checkout,
}

impl Forge {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bare = folder.path().join("shop.git");
        git(
            folder.path(),
            &["init", "--quiet", "--bare", "-b", "trunk", "shop.git"],
        );
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        copy_folder(&root().join("examples/guestbook"), clone.folder());
        let file = clone.folder().join("boatyard.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + CLEANUP).unwrap();
        let forge = Self { folder, clone };
        forge.idle("1h");
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
            "[times]\nsettle = \"0s\"\nidle = \"{idle}\"\nnoted = \"1s\"\n\
             [forge.here]\nkind = \"git\"\nurl = \"file://{folder}\"\npoll = \"5s\"\n\
             [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"**\", \"!trunk\"]\nstarts = true\n"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// Pushes a commit to a branch: its page says `word`. The commit.
    pub fn commit(&self, branch: &str, word: &str) -> String {
        self.clone.say(word);
        self.clone.push(branch, word)
    }

    /// A branch at what another one shows.
    pub fn branch(&self, name: &str, at: &str) {
        let reference = format!("{at}:refs/heads/{name}");
        self.clone.git(&["push", "--quiet", "origin", &reference]);
    }

    pub fn delete(&self, name: &str) {
        let bare = self.folder.path().join("shop.git");
        git(&bare, &["update-ref", "-d", &format!("refs/heads/{name}")]);
    }
}
