//! A repository with an application that is made in a moment, and the configuration that watches it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::checkout::{Checkout, git};

const DOCKERFILE: &str = "\
FROM scratch AS base
COPY busybox /bin/busybox
COPY busybox /bin/sh
RUN busybox mkdir -m 1777 /tmp
";

const PROJECT: &str = r#"[project]
name = "shop"
[image]
base = { dockerfile = "Dockerfile", target = "base" }
user = { name = "app", uid = 10001, gid = 10001 }
[service.app]
copy = ["www"]
roles = ["web"]
[role.web]
command = "busybox httpd -f -v -p 8080 -h www"
port = 8080
ready = "http://:8080/page"
stop = { signal = "TERM", grace = "5s" }
[backing.redis]
"#;

/// Writes the word that it is asked with into the database, if there is one, and shows all that are there, and the page.
const ENTRIES: &str = r#"#!/bin/sh
address=${REDIS_URL#redis://}
address=${address##*@}
address=${address%%/*}
redis() {
    printf '%s\r\nQUIT\r\n' "$1" | busybox nc "${address%:*}" "${address##*:}"
}
printf 'Content-Type: text/plain\r\n\r\n'
[ -z "$QUERY_STRING" ] || redis "RPUSH entries $QUERY_STRING"
redis "LRANGE entries 0 -1"
busybox cat ../page
"#;

pub struct Shop {
    folder: tempfile::TempDir,
    clone: Checkout,
}

impl Shop {
    pub fn new(busybox: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = ["init", "--quiet", "--bare", "-b", "trunk", "shop.git"];
        git(folder.path(), &words);
        let bare = folder.path().join("shop.git");
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        fs::copy(busybox, clone.folder().join("busybox")).unwrap();
        fs::write(clone.folder().join("Dockerfile"), DOCKERFILE).unwrap();
        fs::write(clone.folder().join("boatyard.toml"), PROJECT).unwrap();
        let entries = clone.folder().join("www/cgi-bin/entries");
        fs::create_dir_all(entries.parent().unwrap()).unwrap();
        fs::write(&entries, ENTRIES).unwrap();
        fs::set_permissions(&entries, fs::Permissions::from_mode(0o755)).unwrap();
        let shop = Self { folder, clone };
        shop.idle("1h");
        // A remote without any branch is taken for one that does not say what it has.
        shop.push("trunk", "nothing");
        shop
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self) -> PathBuf {
        self.folder().join("serve.toml")
    }

    /// What nobody uses for that long is put to sleep.
    pub fn idle(&self, idle: &str) {
        let folder = self.folder().display();
        let text = format!(
            "[times]\nsettle = \"0s\"\nidle = \"{idle}\"\nnoted = \"1s\"\n\
             [forge.here]\nkind = \"git\"\nurl = \"file://{folder}\"\npoll = \"5s\"\n\
             [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"**\", \"!trunk\"]\nstarts = true\n"
        );
        // Whole or not at all: a server that begins reads it at any moment.
        fs::write(self.folder().join("new"), text).unwrap();
        fs::rename(self.folder().join("new"), self.file()).unwrap();
    }

    /// Pushes a commit that shows that word. The commit.
    pub fn push(&self, branch: &str, word: &str) -> String {
        fs::write(self.clone.folder().join("www/page"), word).unwrap();
        self.clone.push(branch, word)
    }

    pub fn delete(&self, branch: &str) {
        let bare = self.folder().join("shop.git");
        git(
            &bare,
            &["update-ref", "-d", &format!("refs/heads/{branch}")],
        );
    }
}
