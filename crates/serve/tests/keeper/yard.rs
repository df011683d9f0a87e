//! A keeper in a folder of its own.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::news::{About, News};
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::revision::{Place, Repository, Revision, Subject};
use boatyard_preview::wanted::Head;
use boatyard_preview::watch::Watch;
use boatyard_serve::backend::{Backend, Order, Told};
use boatyard_serve::journal::JournalError;
use boatyard_serve::keeper::{AskError, Heard, Keeper};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Hands on what it is asked for.
struct Notes(Mutex<UnboundedSender<Order>>);

impl Backend for Notes {
    fn begin(&self, order: Order) {
        let _ = self.0.lock().unwrap().send(order);
    }

    fn address(&self, _: &Id) -> Option<std::net::SocketAddr> {
        None
    }
}

pub struct Yard {
    pub keeper: Keeper,
    thread: Option<JoinHandle<()>>,
    orders: UnboundedReceiver<Order>,
    folder: tempfile::TempDir,
}

type Opened = (Keeper, JoinHandle<()>, UnboundedReceiver<Order>);

impl Yard {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, thread, orders) = Self::open(folder.path()).unwrap();
        Self {
            keeper,
            thread: Some(thread),
            orders,
            folder,
        }
    }

    pub fn open(folder: &Path) -> Result<Opened, JournalError> {
        Self::open_by(folder, policy())
    }

    pub fn open_by(folder: &Path, policy: Policy) -> Result<Opened, JournalError> {
        let (sender, orders) = unbounded_channel();
        let notes = Arc::new(Notes(Mutex::new(sender)));
        let (keeper, thread) = Keeper::open(folder, policy, |_| notes)?;
        Ok((keeper, thread, orders))
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn stop(&mut self) {
        self.keeper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub fn restart(&mut self) {
        self.stop();
        let (keeper, thread, orders) = Self::open(self.folder.path()).unwrap();
        (self.keeper, self.thread, self.orders) = (keeper, Some(thread), orders);
    }

    pub fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder().join("journal.sqlite")).unwrap()
    }

    /// Nobody can write while it lives.
    pub fn hold_the_journal(&self) -> rusqlite::Connection {
        let held = self.sql();
        held.execute_batch("BEGIN IMMEDIATE").unwrap();
        held
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

    pub async fn push(&self, name: &str) {
        self.hear(vec![head(name)]).await;
    }

    pub async fn ask(&self, name: &str, event: Event) -> Result<Environment, AskError> {
        self.keeper.ask(&id(name), event, "anne").await
    }

    pub fn tell(&self, order: &Order, event: Event) {
        let (id, attempt) = (order.environment.id, order.attempt);
        self.keeper.tell(Told { id, attempt, event });
    }

    pub async fn order(&mut self) -> Order {
        let order = tokio::time::timeout(LIMIT, self.orders.recv()).await;
        order
            .expect("waited for an order")
            .expect("the keeper lives")
    }

    pub fn quiet(&mut self) -> bool {
        self.orders.try_recv().is_err()
    }

    pub fn phase(&self, id: &Id) -> Option<Phase> {
        self.keeper
            .look(|known| known.inventory.get(id).map(|one| one.phase))
    }

    pub async fn until(&self, id: &Id, phase: Phase) {
        self.wait(id, Some(phase)).await;
    }

    pub async fn until_gone(&self, id: &Id) {
        self.wait(id, None).await;
    }

    async fn wait(&self, id: &Id, phase: Option<Phase>) {
        let mut last = self.keeper.feed().follow();
        let wait = async {
            while self.phase(id) != phase {
                last.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(LIMIT, wait).await;
        assert!(
            waited.is_ok(),
            "waited for {phase:?}, it is {:?}",
            self.phase(id)
        );
    }
}

impl Drop for Yard {
    fn drop(&mut self) {
        self.keeper.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub fn repository() -> Repository {
    Repository {
        forge: "forge.example".into(),
        name: "acme/shop".into(),
    }
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.repositories.insert(repository(), Watch::default());
    policy.times.settle = Duration::ZERO;
    policy
}

pub fn place(name: &str) -> Place {
    Place {
        repository: repository(),
        subject: Subject::Branch(name.into()),
    }
}

fn commit(name: &str) -> String {
    format!("{name}-commit")
}

pub fn head(name: &str) -> News {
    let head = Head {
        commit: commit(name),
        is_trusted: true,
        is_draft: false,
        source: None,
    };
    News::Head {
        place: place(name),
        head,
        about: About::default(),
    }
}

pub fn closed(name: &str) -> News {
    News::Closed { place: place(name) }
}

pub fn listing(names: &[&str]) -> News {
    let open = names.iter().map(|name| match head(name) {
        News::Head { place, head, about } => (place.subject, head, about),
        _ => unreachable!("a head"),
    });
    News::Listing {
        repository: repository(),
        open: open.collect(),
    }
}

pub fn id(name: &str) -> Id {
    let revision = Revision {
        place: place(name),
        commit: commit(name),
    };
    Id::of(&revision, &Watch::default().recipe)
}
