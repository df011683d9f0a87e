//! A backend, a repository, and a script that stands for our command.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use boatyard_preview::config::{Begin, Reach};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::{Effect, Event};
use boatyard_preview::policy::{Policy, Times};
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::time::Time;
use boatyard_serve::backend::{Backend as _, Order, Told};
use boatyard_serve::clock::Clock;
use boatyard_serve::local::Local;
use boatyard_serve::logs::Logs;
use boatyard_serve::site::{Origin, Settings};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const PATIENCE: Duration = Duration::from_secs(60);

const PROJECT: &str = "[project]\nname = \"shop\"\n[role.web]\ncommand = \"serve\"\nport = 8080\n";

/// Notes what it is asked for; `up` and `data save` hang as long as there is a file `hang`, and fail if there is one `complain`, or `refuse`
/// and it begins with data; `down --all` fails if there is one `keep`; `data ls` lists what is in the file `saved`.
const SCRIPT: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
echo "$BOATYARD_HOME $*" >> said
echo "lives in $HOME, was made in ${CARGO_MANIFEST_DIR:-nowhere}" >> said
case "$*" in
*"data ls") cat saved;;
*"data save "*)
    trap 'echo "ended by a signal" >> said; exit 1' TERM
    while [ -e hang ]; do sleep 0.05; done
    if [ -e complain ]; then
        echo '{"error":{"message":"a copy takes 7 bytes","causes":["there is room for 5"],"help":"log in","exit_code":3}}'
        exit 3
    fi
    echo '{"name":"x","project":"shop","at_secs":1,"size_bytes":41}'
esac
case "$*" in *" up "*)
    case "$*" in *"--skip setup"*)
        if [ -e refuse ]; then
            echo '{"event":"log","process":"migrate","stream":"err","line":"unknown revision"}'
            echo '{"error":{"message":"migrate exited with 1","exit_code":1}}'
            exit 1
        fi
    esac
    trap 'echo "ended by a signal" >> said; exit 1' TERM
    while [ -e hang ]; do sleep 0.05; done
    if [ -e complain ]; then
        echo '{"error":{"message":"no room","causes":["the disk is full"],"help":"make some","exit_code":3}}'
        exit 3
    fi
    ;;
*" down --all") if [ -e keep ]; then exit 1; fi;;
*" ps") cat listing 2>/dev/null;;
*" logs --follow") cat printed; while [ -e listing ]; do sleep 0.05; done;;
*"ps --all"*)
    case "$BOATYARD_HOME" in */strangers) ;; *) cat kept 2>/dev/null ;; esac
esac
"#;

pub struct Yard {
    folder: tempfile::TempDir,
    local: Local,
    told: UnboundedReceiver<Told>,
    /// How long cleaning up may take.
    pub cleanup_secs: Arc<AtomicU64>,
    pub logs: Logs,
    pub commit: String,
}

impl Yard {
    pub fn new() -> Self {
        Self::beginning(Begin::Nothing)
    }

    /// One whose environments begin so.
    pub fn beginning(begin: Begin) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_path_buf();
        let program = path.join("boatyard");
        std::fs::write(&program, SCRIPT).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let repository = path.join("shop");
        std::fs::create_dir(&repository).unwrap();
        git(&repository, &["init", "--quiet", "-b", "main"]);
        std::fs::write(repository.join("boatyard.toml"), PROJECT).unwrap();
        let commit = commit(&repository);
        for folder in ["home/run", "state/strangers"] {
            std::fs::create_dir_all(path.join(folder)).unwrap();
        }
        let logs = Logs::new(&path.join("log"));
        let (sender, told) = unbounded_channel();
        let url = repository.to_str().unwrap().to_owned();
        let cleanup_secs = Arc::new(AtomicU64::new(60));
        let may_take = Arc::clone(&cleanup_secs);
        let settings = Settings {
            program,
            home: path.join("home"),
            state: path.join("state"),
            times: Box::new(move || Times {
                cleanup: Duration::from_secs(may_take.load(Ordering::Relaxed)),
                ..Policy::default().times
            }),
            origin: Box::new(move |_| {
                Some(Origin {
                    url: url.clone(),
                    reference: "refs/heads/main".into(),
                    user: String::new(),
                    token: None,
                    authority: None,
                    root: ".".into(),
                    reach: Reach {
                        sources: Some(vec!["npm.example.org".parse().unwrap()]),
                        registries: vec!["10.0.0.5:5000".parse().unwrap()],
                    },
                    begin: begin.clone(),
                })
            }),
            templates: Box::new(BTreeSet::new),
            cleanup_tries: Box::new(|| 2),
            snapshot_bytes: Box::new(|| 1000),
            logs: logs.clone(),
        };
        let local = Local::new(settings, move |told| sender.send(told).unwrap());
        Self {
            folder,
            local,
            told,
            cleanup_secs,
            logs,
            commit,
        }
    }

    pub fn environment(commit: &str) -> Environment {
        let place = Place {
            repository: Repository {
                forge: "here".into(),
                name: "shop".into(),
            },
            subject: Subject::Branch("main".into()),
        };
        let commit = commit.to_owned();
        let revision = Revision { place, commit };
        let id = Id::of(&revision, "");
        let mut one = Environment::new(id, revision, true, Time(0));
        one.is_trusted = true;
        one
    }

    pub fn order(&self, one: &Environment, effect: Effect, attempt: u32) {
        let environment = one.clone();
        self.local.begin(Order {
            environment,
            effect,
            attempt,
            clock: Clock::after(Time(0)),
        });
    }

    /// Sweeps while `one` is recorded and its copy runs.
    pub async fn sweep(&self, one: &Environment) -> Vec<String> {
        let kept = format!(r#"[{{"copy":"preview_{}","running":true}}]"#, one.id);
        std::fs::write(self.folder.path().join("kept"), kept).unwrap();
        let known = || [(one.id, Arc::new(one.clone()))].into();
        self.local.sweep(Duration::from_secs(60), known).await
    }

    pub async fn told(&mut self) -> (u32, Event) {
        let told = tokio::time::timeout(PATIENCE, self.told.recv()).await;
        let told = told.expect("the backend to tell something").unwrap();
        (told.attempt, told.event)
    }

    pub fn source(&self, one: &Environment) -> PathBuf {
        let environments = self.folder.path().join("state/environment");
        environments.join(one.id.as_str()).join("source")
    }

    /// What our command was asked for.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }

    pub async fn until_said(&self, what: &str) {
        self.until(what, 1).await;
    }

    pub async fn until_said_again(&self, what: &str) {
        self.until(what, 2).await;
    }

    async fn until(&self, what: &str, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.said().matches(what).count() < times {
            assert!(Instant::now() < deadline, "{what:?} not in {}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// From now on it runs, and has printed these lines at these times.
    pub fn has_printed(&self, lines: &[(u64, &str)]) {
        let line = |(millis, text): &(u64, &str)| {
            format!("{{\"millis\":{millis},\"process\":\"web\",\"line\":\"{text}\"}}\n")
        };
        let printed: String = lines.iter().map(line).collect();
        let listing =
            r#"{"ready":true,"processes":[{"name":"web","url":"http://127.0.0.1:8080"}]}"#;
        for (name, text) in [("printed", printed.as_str()), ("listing", listing)] {
            std::fs::write(self.folder.path().join(name), text).unwrap();
        }
    }

    pub fn hang(&self) {
        std::fs::write(self.folder.path().join("hang"), "").unwrap();
    }

    pub fn let_go(&self) {
        std::fs::remove_file(self.folder.path().join("hang")).unwrap();
    }

    /// Whether what it has can be taken away.
    pub fn keeps(&self, keeps: bool) {
        let file = self.folder.path().join("keep");
        if keeps {
            std::fs::write(file, "").unwrap();
        } else {
            std::fs::remove_file(file).unwrap();
        }
    }

    pub fn complain_no_more(&self) {
        std::fs::remove_file(self.folder.path().join("complain")).unwrap();
    }

    pub fn complain(&self) {
        std::fs::write(self.folder.path().join("complain"), "").unwrap();
    }

    /// From now on data is saved under these names, 5 bytes each.
    pub fn has_saved(&self, names: &[&str]) {
        let all = names.iter();
        let all = all.map(|name| format!("{{\"name\":\"{name}\",\"size_bytes\":5}}"));
        let text = format!("[{}]", all.collect::<Vec<_>>().join(","));
        std::fs::create_dir_all(self.folder.path().join("home/saved")).unwrap();
        std::fs::write(self.folder.path().join("saved"), text).unwrap();
    }

    /// Sweeps snapshots while `one` is recorded.
    pub async fn sweep_snapshots(&self, one: &Environment) -> Vec<String> {
        let known = || [(one.id, Arc::new(one.clone()))].into();
        self.local.sweep_snapshots(known).await
    }

    /// From now on nothing can be prepared with data that was there.
    pub fn refuse_data(&self) {
        std::fs::write(self.folder.path().join("refuse"), "").unwrap();
    }

    /// What our command was asked for about one, without what is the same each time.
    pub fn asked(&self) -> Vec<String> {
        let said = self.said();
        let lines = said.lines().filter_map(|line| line.split_once(" preview_"));
        let words = lines.filter_map(|(_, rest)| Some(rest.split_once(' ')?.1.to_owned()));
        words.collect()
    }

    /// A commit whose project file is a link to a file of the machine.
    pub fn commit_link(&self) -> String {
        self.on_a_branch(|repository| {
            std::os::unix::fs::symlink("/etc/passwd", repository.join("boatyard.toml")).unwrap();
        })
    }

    /// A commit with a link to a file of the machine beside its project file.
    pub fn commit_a_way_out(&self) -> String {
        self.on_a_branch(|repository| {
            std::fs::write(repository.join("boatyard.toml"), PROJECT).unwrap();
            std::os::unix::fs::symlink("/etc/passwd", repository.join("requirements.txt")).unwrap();
        })
    }

    /// A commit whose project file says more.
    pub fn commit_more(&self, more: &str) -> String {
        let text = format!("{PROJECT}{more}");
        self.on_a_branch(|repository| {
            std::fs::write(repository.join("boatyard.toml"), text).unwrap();
        })
    }

    /// A commit without a project file.
    pub fn commit_nothing(&self) -> String {
        self.on_a_branch(|repository| std::fs::write(repository.join("other"), "").unwrap())
    }

    fn on_a_branch(&self, write: impl FnOnce(&Path)) -> String {
        let repository = self.folder.path().join("shop");
        git(&repository, &["checkout", "--quiet", "-B", "other", "main"]);
        std::fs::remove_file(repository.join("boatyard.toml")).unwrap();
        write(&repository);
        let made = commit(&repository);
        git(&repository, &["checkout", "--quiet", "main"]);
        // Nothing but its own name leads to it.
        git(
            &repository,
            &["branch", "--quiet", "-M", "other", &made[..12]],
        );
        made
    }
}

fn commit(repository: &Path) -> String {
    git(repository, &["add", "--all"]);
    git(repository, &["commit", "--quiet", "--message", "x"]);
    git(repository, &["rev-parse", "HEAD"]).trim().to_owned()
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
    let output = Command::new("git")
        .args(somebody)
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}
