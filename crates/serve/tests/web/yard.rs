//! A server in a folder of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::http::Method;
use boatyard_preview::config::{Scope, Token};
use boatyard_preview::environment::Environment;
use boatyard_preview::id::{Id, label};
use boatyard_preview::news::{About, News};
use boatyard_preview::phase::Phase;
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::wanted::Head;
use boatyard_preview::watch::{Branches, Watch};
use boatyard_serve::backend::Backend;
use boatyard_serve::forge::Secrets;
use boatyard_serve::journal::{Logins, Reader};
use boatyard_serve::keeper::{Heard, Keeper};
use boatyard_serve::logs::Logs;
use boatyard_serve::web::settings::{Address, Settings};
use boatyard_serve::web::{Hooks, Parts, Site, serve};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::application;
use super::backend::Scripted;
use super::reply::Reply;

/// How long anything may take on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);
pub const HOST: &str = "previews.test";

pub struct Yard {
    pub keeper: Keeper,
    pub backend: Arc<Scripted>,
    pub address: SocketAddr,
    pub logs: Logs,
    pub site: Site,
    /// Repositories that are to be listed again.
    pub marked: Arc<Mutex<Vec<String>>>,
    pub warned: Arc<Mutex<Vec<String>>>,
    end: Option<oneshot::Sender<()>>,
    pub server: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
    thread: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Yard {
    pub async fn new() -> Self {
        Self::with(|_, _| {}).await
    }

    /// One that is set otherwise.
    pub async fn with(change: impl FnOnce(&mut Settings, &mut Policy)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let application = application::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let own = Address::parse(&format!("http://{HOST}")).unwrap();
        let (mut settings, mut policy) = (Settings::new(own, HOST), policy());
        settings.access.tokens = tokens();
        change(&mut settings, &mut policy);
        let mut backend = None;
        let (keeper, thread) = Keeper::open(folder.path(), policy, |keeper| {
            let scripted = Arc::new(Scripted::new(keeper, application));
            backend = Some(Arc::clone(&scripted));
            scripted
        })
        .unwrap();
        let backend = backend.unwrap();
        let logs = Logs::new(&folder.path().join("log"));
        let marked = Arc::<Mutex<Vec<String>>>::default();
        let marks = Arc::clone(&marked);
        let warned = Arc::<Mutex<Vec<String>>>::default();
        let warns = Arc::clone(&warned);
        let site = Site::new(Parts {
            keeper: keeper.clone(),
            backend: Arc::clone(&backend) as Arc<dyn Backend>,
            journal: Reader::open(folder.path()).unwrap(),
            logins: Logins::open(folder.path()).unwrap(),
            logs: logs.clone(),
            hooks: hooks(),
            mark: Arc::new(move |repository| marks.lock().unwrap().push(repository.to_string())),
            warn: Arc::new(move |what| warns.lock().unwrap().push(what)),
            settings,
        });
        let (end, ended) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(site.clone(), listener, async { drop(ended.await) }));
        let (end, server, thread) = (Some(end), Some(server), Some(thread));
        Self {
            keeper,
            backend,
            address,
            logs,
            site,
            marked,
            warned,
            end,
            server,
            thread,
            _folder: folder,
        }
    }

    /// The server is told to end.
    pub fn end(&mut self) {
        drop(self.end.take());
    }

    pub async fn hear(&self, news: Vec<News>) {
        let heard = Heard {
            delivery: None,
            by: "forge".into(),
            news,
            ..Heard::default()
        };
        assert!(self.keeper.hear(heard).await.unwrap());
    }

    /// Branches of acme/shop are pushed, and are asleep.
    pub async fn asleep(&self, branches: &[&str]) {
        self.hear(branches.iter().map(|name| head("shop", name)).collect())
            .await;
        for name in branches {
            self.until(&id("shop", name), Phase::Asleep).await;
        }
    }

    pub fn get(&self, id: &Id) -> Option<Environment> {
        self.keeper.look(|known| known.inventory.get(id).cloned())
    }

    pub async fn until(&self, id: &Id, phase: Phase) -> Environment {
        let mut changed = self.keeper.feed().follow();
        let wait = async {
            loop {
                changed.mark_unchanged();
                if let Some(one) = self.get(id).filter(|one| one.phase == phase) {
                    return one;
                }
                changed.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(LIMIT, wait).await;
        waited.unwrap_or_else(|_| panic!("waited for {phase:?}, it is {:?}", self.get(id)))
    }

    /// Asks on a host; `more`: header lines, `name: value`.
    pub async fn ask(
        &self,
        method: Method,
        host: &str,
        path: &str,
        more: &[&str],
        body: &str,
    ) -> Reply {
        Reply::ask(self.address, method, (host, path), more, body).await
    }

    /// Gets a page or an answer of the API.
    pub async fn own(&self, path: &str, more: &[&str]) -> Reply {
        self.ask(Method::GET, HOST, path, more, "").await
    }

    pub async fn post(&self, path: &str, more: &[&str]) -> Reply {
        self.ask(Method::POST, HOST, path, more, "").await
    }

    /// Gets something of the environment of a branch.
    pub async fn shown(&self, branch: &str, path: &str, more: &[&str]) -> Reply {
        self.ask(Method::GET, &host("shop", branch), path, more, "")
            .await
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        self.end();
        self.keeper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.times.settle = Duration::ZERO;
    for name in ["shop", "blog"] {
        let watch = Watch {
            branches: Branches::named(["*", "*/*"]),
            ..Watch::default()
        };
        policy.repositories.insert(repository(name), watch);
    }
    policy
}

/// Tokens are named after what they may; the token of "operate" is "operate-token".
fn tokens() -> Vec<Token> {
    let all = Scope::ALL.into_iter();
    let all = all.map(|(name, scope)| token(name, scope, None));
    let glob = boatyard_preview::glob::Glob::new("acme/blog");
    let blog = token("blog", Scope::Operate, Some(vec![glob]));
    all.chain([blog]).collect()
}

fn token(
    name: &str,
    scope: Scope,
    repositories: Option<Vec<boatyard_preview::glob::Glob>>,
) -> Token {
    let digest = Sha256::digest(format!("{name}-token"));
    let sha256 = digest
        .iter()
        .fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    Token {
        name: name.to_owned(),
        sha256,
        scopes: [scope].into(),
        repositories,
    }
}

/// Forges that send hooks, each in its way.
const CONFIG: &str = r#"
[forge.test]
kind = "generic"
url = "https://git.test"
secret = { value = "secret of test" }

[forge.hub]
kind = "github"
url = "https://hub.test"
secret = { value = "secret of hub" }

[[repository]]
forge = "test"
name = "acme/shop"
branches = "**"

[[repository]]
forge = "hub"
name = "acme/shop"
branches = "**"
"#;

fn hooks() -> Hooks {
    let config = boatyard_preview::config::parse(CONFIG).unwrap();
    let secrets = Secrets::read(&config, std::path::Path::new("/"), &|_| None).unwrap();
    Hooks {
        config: Arc::new(config),
        secrets,
    }
}

pub fn repository(name: &str) -> Repository {
    Repository {
        forge: "git.test".into(),
        name: format!("acme/{name}"),
    }
}

pub fn place(repository_name: &str, branch: &str) -> Place {
    let subject = match branch.strip_prefix('#') {
        Some(number) => Subject::PullRequest(number.parse().unwrap()),
        None => Subject::Branch(branch.to_owned()),
    };
    Place {
        repository: repository(repository_name),
        subject,
    }
}

pub fn revision(repository: &str, branch: &str) -> Revision {
    // FNV-1a: no two branches of a test have the same.
    let number = branch
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
            (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let commit = format!("{number:016x}").repeat(3)[..40].to_owned();
    Revision {
        place: place(repository, branch),
        commit,
    }
}

pub fn id(repository: &str, branch: &str) -> Id {
    Id::of(&revision(repository, branch), "")
}

pub fn host(repository: &str, branch: &str) -> String {
    format!("{}.{HOST}", label(&revision(repository, branch)))
}

/// A branch, or a pull request with `#7`, is pushed.
pub fn head(repository: &str, branch: &str) -> News {
    let revision = revision(repository, branch);
    let head = Head {
        commit: revision.commit,
        is_trusted: true,
        is_draft: false,
        source: None,
    };
    let about = About {
        title: format!("All about {branch}"),
        author: "anne".into(),
        ..About::default()
    };
    News::Head {
        place: revision.place,
        head,
        about,
    }
}

/// The same, pushed by somebody whom nobody knows.
pub fn stranger_head(repository: &str, branch: &str) -> News {
    let mut news = head(repository, branch);
    if let News::Head { head, .. } = &mut news {
        head.is_trusted = false;
    }
    news
}
