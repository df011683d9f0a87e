//! One scenario, told to a server whose environments are wherever its configuration says: the same happens.
//!
//! `push.txt` is what is done, a step on each line, indented if it is for those that keep snapshots; `push.trace` which phases each
//! commit goes through.

mod clock;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use clock::Clock;

use crate::checkout::{Checkout, git};
use crate::server::{Address, Server};
use crate::support::{boatyard, busybox, succeed};

const STEPS: &str = include_str!("push.txt");
const TRACE: &str = include_str!("push.trace");

/// A web server of busybox, and a job before it; on a cluster it has a volume, on which it says where it was started first.
pub const PROJECT: &str = r#"[project]
name = "shop"
[image]
base = "scratch"
env = { PATH = "/app/bin" }
[service.app]
copy = ["bin", "www"]
roles = ["web"]
[role.web]
command = ["/app/bin/busybox", "sh", "-c", """
[ ! -d /app/files ] || [ -e /app/files/born ] || /app/bin/busybox hostname >/app/files/born
exec /app/bin/busybox httpd -f -p 8080 -h /app/www"""]
port = 8080
ready = "http://:8080/index.html"
[deploy.volume.files]
path = "/app/files"
of = ["web"]
[job.migrate]
command = ["/app/bin/busybox", "echo", "migrated"]
when = "before-deploy"
[job.farewell]
command = ["/app/bin/busybox", "echo", "bye"]
[preview]
cleanup = ["farewell"]
"#;

/// What copies of data need of an image.
const PROGRAMS: [&str; 9] = [
    "head", "mkdir", "mv", "rm", "rmdir", "sh", "sleep", "sync", "tar",
];

/// Where a scenario is played.
#[expect(clippy::struct_excessive_bools, reason = "each is a trait of its own")]
pub struct Stage<'a> {
    /// `BOATYARD_HOME`.
    pub home: &'a Path,
    /// What the configuration says besides: where environments are.
    pub more: String,
    /// Variables of the server.
    pub variables: Vec<(&'a str, String)>,
    /// Whether the clock of the server jumps; that of a cluster, which dates certificates, does not.
    pub jumps: bool,
    /// Whether it keeps snapshots.
    pub keeps: bool,
    /// Whether processes run that answer.
    pub answers: bool,
    /// Whether the server that was killed has forgotten everything.
    pub forgets: bool,
    /// Looks at what there is after each step, and the id of the environment that was heard of last, or is gone.
    pub look: &'a dyn Fn(&str, &str),
}

/// Plays it; none: this machine has no busybox.
pub fn play(stage: &Stage<'_>) -> Option<()> {
    let forge = Forge::new(&busybox()?, &stage.more);
    let clock = if stage.jumps {
        Clock::new(forge.folder.path())
    } else {
        None
    };
    let mut server = Some(start(stage, &forge, clock.as_ref()));
    let mut trace = Vec::new();
    let mut knocking = Vec::new();
    let mut commits: BTreeMap<String, String> = BTreeMap::new();
    let mut addresses: BTreeMap<String, Address> = BTreeMap::new();
    for line in STEPS.lines() {
        if line.starts_with("  ") && !stage.keeps {
            continue;
        }
        println!("step: {line}");
        let line = line.trim_start();
        let words: Vec<&str> = line.split(' ').collect();
        let serving = "a step after the end";
        let mut gone = None;
        match words.as_slice() {
            ["commit", branch, word] => {
                commits.insert((*word).to_owned(), forge.commit(branch, word));
            }
            ["phase", word, phase] => {
                let server = server.as_mut().expect(serving);
                let said = server.phase(&commits[*word], phase);
                let branch = &said["environment"]["revision"]["place"]["subject"]["branch"];
                if let (Some(url), Some(branch)) = (said["url"].as_str(), branch.as_str()) {
                    addresses.insert(branch.to_owned(), server.at(url));
                }
            }
            ["passes", word, phase] => {
                let server = server.as_mut().expect(serving);
                server.passes(&commits[*word], phase);
            }
            [verb @ ("snapshot" | "restore" | "reset"), branch, rest @ ..] => {
                let label = addresses[*branch].label();
                let mut words = vec!["preview", verb, label];
                // The name of one that is made is an option.
                words.extend((*verb == "snapshot").then_some("--name"));
                words.extend(rest);
                succeed(boatyard(stage.home, stage.home).args(words));
            }
            ["page", branch, word] => {
                if stage.answers {
                    let server = server.as_ref().expect(serving);
                    let (status, body) = addresses[*branch].through(server).get("/index.html");
                    assert_eq!((status, body.trim()), (200, *word));
                }
            }
            ["visit", branch] => {
                let server = server.as_ref().expect(serving);
                let address = addresses[*branch].through(server);
                if stage.answers {
                    assert_eq!(address.get("/index.html").0, 200);
                } else {
                    // On nodes that run nothing nobody answers it, but it is heard.
                    knocking.push(address.knock());
                }
            }
            ["gone", branch, word] => {
                let server = server.as_mut().expect(serving);
                gone = Some(server.gone(&commits[*word], branch));
            }
            ["idle", time] => {
                forge.idle(time);
                server.as_mut().expect(serving).reload();
            }
            ["clock", seconds] => clock.iter().for_each(|clock| clock.set(seconds)),
            ["kill"] => {
                let killed = server.take().expect(serving);
                jumped(clock.as_ref(), &killed);
                trace.extend(killed.trace());
                killed.kill();
                if stage.forgets {
                    std::fs::remove_dir_all(stage.home.join("serve")).unwrap();
                }
                server = Some(start(stage, &forge, clock.as_ref()));
            }
            ["delete", branch] => forge.delete(branch),
            ["end"] => {
                let ending = server.take().expect(serving);
                jumped(clock.as_ref(), &ending);
                trace.extend(ending.trace());
                ending.end();
            }
            other => panic!("no step: {other:?}"),
        }
        let last = server.as_ref().and_then(|server| server.trace().pop());
        let id = gone.or(last.map(|(id, ..)| id)).unwrap_or_default();
        (stage.look)(line, &id);
    }
    let expected = ["saving", "restoring"]
        .iter()
        .fold(TRACE.to_owned(), |trace, what| {
            let passed = format!("stopping {what} asleep starting running ");
            trace.replace(&passed, if stage.keeps { &passed } else { "" })
        });
    assert_eq!(shown(&trace, &commits), expected);
    Some(())
}

/// The clock that jumps is the one that the server has read.
fn jumped(clock: Option<&Clock>, server: &Server) {
    let is_read = clock.is_none_or(|clock| clock.was_read_by(server.process()));
    assert!(is_read, "the server goes by another clock");
}

fn start(stage: &Stage<'_>, forge: &Forge, clock: Option<&Clock>) -> Server {
    let mut variables = stage.variables.clone();
    variables.extend(clock.map(Clock::variables).unwrap_or_default());
    Server::start(stage.home, &forge.file(), &variables)
}

/// The phases of each commit, in the order in which they were told; what is told twice in a row counts once.
fn shown(trace: &[(String, String, String)], commits: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (word, commit) in commits {
        let ids: Vec<&String> = trace
            .iter()
            .filter(|(_, of, _)| of == commit)
            .map(|(id, ..)| id)
            .collect();
        let mut phases: Vec<&str> = trace
            .iter()
            .filter(|(id, ..)| ids.contains(&id))
            .map(|(.., phase)| phase.as_str())
            .collect();
        phases.dedup();
        writeln!(text, "{word}: {}", phases.join(" ")).unwrap();
    }
    text
}

/// A bare repository, a clone of it, and a configuration that watches it.
pub struct Forge {
    folder: tempfile::TempDir,
    clone: Checkout,
    more: String,
}

impl Forge {
    pub fn new(busybox: &Path, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bare = folder.path().join("shop.git");
        git(
            folder.path(),
            &["init", "--quiet", "--bare", "-b", "trunk", "shop.git"],
        );
        let clone = Checkout::new(folder.path().join("clone"), bare.to_str().unwrap());
        for name in ["bin", "www"] {
            std::fs::create_dir(clone.folder().join(name)).unwrap();
        }
        let bin = clone.folder().join("bin");
        std::fs::copy(busybox, bin.join("busybox")).unwrap();
        for name in PROGRAMS {
            symlink("busybox", bin.join(name)).unwrap();
        }
        std::fs::write(clone.folder().join("boatyard.toml"), PROJECT).unwrap();
        let forge = Self {
            folder,
            clone,
            more: more.to_owned(),
        };
        forge.idle("1h");
        // A remote without any branch is taken for one that does not say what it has.
        forge.commit("trunk", "none");
        forge
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("serve.toml")
    }

    pub fn idle(&self, idle: &str) {
        let (folder, more) = (self.folder.path().display(), &self.more);
        let text = format!(
            "[times]\nsettle = \"0s\"\nidle = \"{idle}\"\nnoted = \"1s\"\n\
             [forge.here]\nkind = \"git\"\nurl = \"file://{folder}\"\npoll = \"5s\"\n\
             [[repository]]\nforge = \"here\"\nname = \"shop.git\"\nbranches = [\"**\", \"!trunk\"]\nstarts = true\n{more}"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// Pushes a commit to a branch: its page is `word`. The commit.
    pub fn commit(&self, branch: &str, word: &str) -> String {
        std::fs::write(self.clone.folder().join("www/index.html"), word).unwrap();
        self.clone.push(branch, word)
    }

    pub fn delete(&self, name: &str) {
        let bare = self.folder.path().join("shop.git");
        git(&bare, &["update-ref", "-d", &format!("refs/heads/{name}")]);
    }
}
