//! A keeper, the backend of a cluster, an API server that follows a script, and a command that stands for ours.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use boatyard_cluster::Cluster;
use boatyard_cluster::kubefiles::Commit;
use boatyard_cluster::lease::Fence;
use boatyard_cluster::retry::Limits;
use boatyard_preview::config::{Begin, Cluster as Config, Lease, Quota, Reach, Way};
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use boatyard_preview::news::{About, News};
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::wanted::Head;
use boatyard_preview::watch::{Branches, Watch};
use boatyard_serve::cluster::{Clustered, Terms};
use boatyard_serve::keeper::{Heard, Keeper};
use boatyard_serve::logs::{Logs, Part};
use boatyard_serve::site::{Origin, Settings};
use kube::Config as Reached;

use crate::api::Api;
use crate::deploys::Deploys;
use crate::repository::{COMMIT, PROJECT, repository_in};

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(300);
pub const PREFIX: &str = "yard";

/// Short: what is waited for is that they are over.
pub const LIMITS: Limits = Limits {
    answer: Duration::from_secs(10),
    call: Duration::from_secs(15),
    first: Duration::from_secs(10),
    watch: Duration::from_secs(4),
};

pub struct Yard {
    pub api: Arc<Api>,
    pub deploys: Arc<Deploys>,
    pub keeper: Keeper,
    pub clustered: Clustered,
    pub logs: Logs,
    thread: Option<JoinHandle<()>>,
    sweeps: tokio::task::JoinHandle<()>,
    folder: Arc<tempfile::TempDir>,
}

impl Yard {
    pub async fn new(preparing: usize, running: usize) -> Self {
        let api = Api::start().await;
        let folder = Arc::new(tempfile::tempdir().unwrap());
        repository_in(folder.path());
        let deploys = Deploys::start(cluster(&api), LIMITS).await;
        std::fs::write(folder.path().join("boatyard"), deploys.script()).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path().join("boatyard"), mode).unwrap();
        Self::open(api, deploys, folder, (preparing, running)).await
    }

    async fn open(
        api: Arc<Api>,
        deploys: Arc<Deploys>,
        folder: Arc<tempfile::TempDir>,
        (preparing, running): (usize, usize),
    ) -> Self {
        let mut policy = Policy::default();
        let watch = Watch {
            branches: Branches::named(["*"]),
            ..Watch::default()
        };
        policy.repositories.insert(repository(), watch);
        policy.limits.preparing = preparing;
        policy.limits.running = running;
        policy.limits.kept = 100_000;
        policy.times.settle = Duration::ZERO;
        policy.times.back_off = Duration::from_millis(200);
        let terms = Terms {
            cluster: cluster(&api),
            config: Config {
                context: None,
                registry: "registry.test/previews".to_owned(),
                prefix: PREFIX.to_owned(),
                reach: Way::Service,
                quota: Quota::default(),
                lease: Lease::default(),
                hosts: None,
                builder: None,
                images: None,
                keeps_images: false,
                builds: None,
            },
            own: None,
            fence: Fence::open(),
            kubefiles: Arc::new(|_: &Place| None),
            images: Arc::new(|_: &Place| None),
            target: Arc::new(|_: &Place| String::new()),
            wanted: Arc::new(|_: &Commit| None),
        };
        let logs = Logs::new(&folder.path().join("log"));
        let state = folder.path().join("state");
        std::fs::create_dir_all(&state).unwrap();
        let settings = settings(folder.path(), &state, &logs);
        let mut clustered = None;
        let (keeper, thread) = Keeper::open(&state, policy, |keeper| {
            let keeper = keeper.clone();
            let made = Clustered::new(settings, terms, move |told| keeper.tell(told));
            clustered = Some(made.clone());
            Arc::new(made)
        })
        .unwrap();
        let clustered = clustered.unwrap();
        let begin = Instant::now();
        let found = loop {
            match clustered.found().await {
                Ok(found) => break found,
                // A machine that is busy answers late.
                Err(error) => assert!(begin.elapsed() < PATIENCE, "{error}"),
            }
        };
        keeper.adopt(found).await.unwrap();
        let sweeps = tokio::spawn(sweeps(keeper.clone(), clustered.clone()));
        Self {
            api,
            deploys,
            keeper,
            clustered,
            logs,
            thread: Some(thread),
            sweeps,
            folder,
        }
    }

    /// A branch of that number has this commit.
    pub async fn push(&self, numbers: impl IntoIterator<Item = usize>) {
        let head = |number| {
            let source = self.folder.path().join("state/environment");
            let source = source.join(id(number).as_str()).join("source");
            // It is checked out already, as after a restart.
            std::fs::create_dir_all(&source).unwrap();
            std::fs::write(source.join("boatyard.toml"), PROJECT).unwrap();
            News::Head {
                place: place(number),
                head: Head {
                    commit: COMMIT.to_owned(),
                    is_trusted: true,
                    is_draft: false,
                    source: None,
                },
                about: About::default(),
            }
        };
        self.hear(numbers.into_iter().map(head).collect()).await;
    }

    pub async fn close(&self, numbers: impl IntoIterator<Item = usize>) {
        let closed = |number| News::Closed {
            place: place(number),
        };
        self.hear(numbers.into_iter().map(closed).collect()).await;
    }

    async fn hear(&self, news: Vec<News>) {
        let by = "forge".to_owned();
        let heard = Heard {
            by,
            news,
            ..Heard::default()
        };
        assert!(self.keeper.hear(heard).await.unwrap());
    }

    pub async fn ask(&self, numbers: impl IntoIterator<Item = usize>, event: &Event) {
        for number in numbers {
            let begin = Instant::now();
            loop {
                let asked = self.keeper.ask(&id(number), event.clone(), "anne").await;
                let Err(error) = asked else {
                    break;
                };
                // What has just failed is on its way back.
                let is_early = begin.elapsed() < PATIENCE;
                assert!(is_early, "{event:?} of {number}: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    pub fn known(&self) -> Records {
        known(&self.keeper)
    }

    /// Waits until all these are in that phase.
    pub async fn until(&self, numbers: impl IntoIterator<Item = usize>, phase: Phase) {
        let ids: BTreeSet<Id> = numbers.into_iter().map(id).collect();
        let there = |known: &Records| {
            let is = |id| known.get(id).is_some_and(|one| one.phase == phase);
            ids.iter().all(is)
        };
        self.wait(&format!("{phase}"), there).await;
    }

    pub async fn until_gone(&self, numbers: impl IntoIterator<Item = usize>) {
        let ids: BTreeSet<Id> = numbers.into_iter().map(id).collect();
        let gone = |known: &Records| ids.iter().all(|id| !known.contains_key(id));
        self.wait("gone", gone).await;
    }

    async fn wait(&self, what: &str, there: impl Fn(&Records) -> bool) {
        let begin = Instant::now();
        while !there(&self.known()) {
            if begin.elapsed() > PATIENCE {
                let all = self.known().into_values();
                let all: Vec<_> = all
                    .map(|one| (one.id, one.phase, one.reason.clone()))
                    .collect();
                panic!("not {what} after {PATIENCE:?}: {all:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until it holds of the whole.
    pub async fn until_so(&self, what: &str, so: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !so(self) {
            let all = self.known().into_values().map(|one| (one.id, one.phase));
            let all: Vec<_> = all.collect();
            let is_late = begin.elapsed() > PATIENCE;
            assert!(!is_late, "not {what} after {PATIENCE:?}: {all:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The same state and cluster, another server, after this one was killed; its journal may be lost.
    pub async fn restart(mut self, limits: (usize, usize), keeps_journal: bool) -> Self {
        let (api, deploys) = (Arc::clone(&self.api), Arc::clone(&self.deploys));
        let folder = Arc::clone(&self.folder);
        self.end();
        drop(self);
        if !keeps_journal {
            for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
                let _ = std::fs::remove_file(folder.path().join("state").join(name));
            }
        }
        Self::open(api, deploys, folder, limits).await
    }

    /// What was noted of it while it ran.
    pub fn noted(&self, number: usize) -> String {
        self.logs.last(&id(number), Part::Run, 20).join("\n")
    }

    fn end(&mut self) {
        self.sweeps.abort();
        self.keeper.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        self.end();
    }
}

fn known(keeper: &Keeper) -> Records {
    keeper.look(|known| known.inventory.records())
}

/// As the server does it.
async fn sweeps(keeper: Keeper, clustered: Clustered) {
    loop {
        clustered.disturbed().await;
        let swept = clustered
            .sweep(Duration::from_secs(60), || known(&keeper))
            .await;
        for id in swept.lost {
            let _ = keeper.ask(&id, Event::Reset, "boatyard").await;
        }
    }
}

fn settings(folder: &Path, state: &Path, logs: &Logs) -> Settings {
    let url = folder.join("shop").display().to_string();
    Settings {
        program: folder.join("boatyard"),
        home: folder.join("home"),
        state: state.to_path_buf(),
        times: Box::new(|| Policy::default().times),
        origin: Box::new(move |_| {
            Some(Origin {
                url: url.clone(),
                reference: "refs/heads/main".into(),
                user: String::new(),
                token: None,
                authority: None,
                root: ".".into(),
                reach: Reach::default(),
                begin: Begin::Nothing,
            })
        }),
        templates: Box::new(BTreeSet::new),
        snapshot_bytes: Box::new(|| 1000),
        cleanup_tries: Box::new(|| 3),
        logs: logs.clone(),
    }
}

pub fn cluster(api: &Api) -> Cluster {
    let url = format!("http://{}", api.address).parse().unwrap();
    Cluster::new(Reached::new(url), "default", LIMITS).unwrap()
}

fn repository() -> Repository {
    Repository {
        forge: "forge.example".into(),
        name: "acme/shop".into(),
    }
}

fn place(number: usize) -> Place {
    Place {
        repository: repository(),
        subject: Subject::Branch(format!("b{number}")),
    }
}

pub fn id(number: usize) -> Id {
    let revision = Revision {
        place: place(number),
        commit: COMMIT.to_owned(),
    };
    Id::of(&revision, "")
}

pub fn namespace(number: usize) -> String {
    format!("{PREFIX}-{}", id(number))
}
