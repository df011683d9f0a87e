//! A real forge with the guestbook, the people around it, and the configuration that watches it.

use std::path::PathBuf;

use boatyard_forgetest::{Forge, User};
use serde_json::{Value, json};

use crate::checkout::Checkout;
use crate::support::{copy_folder, root, wait_for};

/// What the status of a commit is called.
pub const CONTEXT: &str = "boatyard/preview";
/// What hooks are signed with.
const SECRET: &str = "a secret of the hooks";
/// The repository.
pub const NAME: &str = "ada/guestbook";
/// What is in an address that builds are shown, unless they are a stranger's.
const PASSWORD: &str = "swordfish";
/// How long anything may take, in seconds: an image may have to be built first.
const PATIENCE: u64 = 600;
/// "abc", as `sha256sum` prints it (FIPS 180-2, appendix B.1).
const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A real forge: Ada owns the guestbook, Eve is a stranger, and the server is the user "boats".
pub struct Harbour {
    forge: Forge,
    pub ada: User,
    pub eve: User,
    boats: User,
    folder: tempfile::TempDir,
    pub clone: Checkout,
}

impl Harbour {
    /// None: there is no forge to be had here, and it was said why.
    pub fn new() -> Option<Self> {
        let forge = Forge::start()?;
        let [ada, eve, boats] = ["ada", "eve", "boats"].map(|name| forge.user(name));
        let folder = tempfile::tempdir().unwrap();
        ada.post("/user/repos", &json!({"name": "guestbook"}));
        let may = json!({"permission": "admin"});
        let (status, answer) = ada.ask(
            &format!("PUT /repos/{NAME}/collaborators/boats"),
            Some(&may),
        );
        assert_eq!(status, 204, "{answer}");
        let clone = Checkout::new(folder.path().join("clone"), &ada.remote(NAME));
        copy_folder(&root().join("examples/guestbook"), clone.folder());
        clone.push("main", "The guestbook");
        let harbour = Self {
            forge,
            ada,
            eve,
            boats,
            folder,
            clone,
        };
        harbour.configure("1h");
        Some(harbour)
    }

    /// The file of the server.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("serve.toml")
    }

    /// A folder that is gone with it.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the file: the forge is asked for all that is open that often.
    pub fn configure(&self, poll: &str) {
        let url = self.forge.url();
        let text = format!(
            "[times]\nsettle = \"0s\"\nidle = \"1h\"\n\
             [[access.token]]\nname = \"ada\"\nsha256 = \"{DIGEST}\"\nscopes = [\"operate\"]\n\
             [forge.tea]\nkind = \"gitea\"\nurl = \"{url}\"\npoll = \"{poll}\"\n\
             token = {{ env = \"TEA_TOKEN\" }}\nsecret = {{ value = \"{SECRET}\" }}\n\
             [[repository]]\nname = \"{NAME}\"\nbranches = \"release/*\"\n"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// What the server has in its environment: also something that steps of builds are shown.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        [
            ("TEA_TOKEN", self.boats.token.clone()),
            (
                "PIP_TRUSTED_HOST",
                format!("ada:{PASSWORD}@index.example.org"),
            ),
        ]
    }

    /// Has hooks sent to a server; the number of the hook.
    pub fn hook(&self, server: &str) -> u64 {
        let hook = json!({
            "type": "gitea", "active": true, "events": ["push", "delete", "pull_request", "pull_request_sync"],
            "config": {"url": format!("http://{server}/hooks/tea"), "content_type": "json", "secret": SECRET},
        });
        let made = self.ada.post(&format!("/repos/{NAME}/hooks"), &hook);
        made["id"].as_u64().unwrap()
    }

    /// Closes a pull request, or opens it again.
    pub fn set(&self, number: u64, state: &str) {
        self.ada.patch(
            &format!("/repos/{NAME}/pulls/{number}"),
            &json!({"state": state}),
        );
    }

    /// The statuses that a commit has had, oldest first.
    pub fn statuses(&self, commit: &str) -> Vec<Seen> {
        let path = format!("/repos/{NAME}/commits/{commit}/statuses?sort=oldest&limit=50");
        let all = self.ada.get(&path);
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        let seen = |one: &Value| Seen {
            context: text(one, "context"),
            state: text(one, "status"),
            text: text(one, "description"),
            url: text(one, "target_url"),
            by: text(&one["creator"], "login"),
        };
        all.as_array().unwrap().iter().map(seen).collect()
    }

    /// Waits until the newest status of a commit is such a one.
    pub fn until_status(&self, commit: &str, state: &str, words: &str) -> Seen {
        self.until(commit, CONTEXT, state, words)
    }

    /// Waits until the newest status of that name is such a one.
    pub fn until(&self, commit: &str, context: &str, state: &str, words: &str) -> Seen {
        let what = format!("{context:?} of {commit} to be {state}, {words}");
        let mut last = None;
        wait_for(&what, PATIENCE, || {
            let all = self.statuses(commit);
            let newest = all.into_iter().rfind(|seen| seen.context == context);
            if newest != last {
                println!("{commit}: {newest:?}");
                last.clone_from(&newest);
            }
            let is_bad = |seen: &&Seen| matches!(seen.state.as_str(), "failure" | "error");
            assert_eq!(newest.as_ref().filter(is_bad), None, "waited for {what}");
            newest.filter(|seen| seen.state == state && seen.text.contains(words))
        })
    }

    /// What no stranger may see.
    pub fn secrets(&self) -> [&str; 3] {
        [&self.boats.token, SECRET, PASSWORD]
    }

    /// Waits until the only comment on a pull request says that; its number.
    pub fn until_comment(&self, number: u64, words: &str) -> u64 {
        let path = format!("/repos/{NAME}/issues/{number}/comments");
        let what = format!("the comment on #{number} to say {words:?}");
        wait_for(&what, PATIENCE, || {
            let all = self.ada.get(&path);
            let all = all.as_array().unwrap();
            assert!(all.len() <= 1, "{all:?}");
            let one = all.first()?;
            let says = one["body"].as_str().unwrap().contains(words);
            says.then(|| one["id"].as_u64().unwrap())
        })
    }
}

/// Opens a pull request to `main`; its number.
pub fn open(user: &User, head: &str) -> u64 {
    let request = json!({"title": format!("From {head}"), "head": head, "base": "main"});
    let what = format!("POST /repos/{NAME}/pulls");
    // What was pushed is taken in a moment later.
    wait_for(&format!("the forge to know {head}"), PATIENCE, || {
        let (status, answer) = user.ask(&what, Some(&request));
        assert!(matches!(status, 201 | 404), "{status} {answer}");
        answer["number"].as_u64()
    })
}

/// A status of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub context: String,
    pub state: String,
    pub text: String,
    pub url: String,
    pub by: String,
}
