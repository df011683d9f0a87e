//! A keeper with watchers, in a folder of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use boatyard_preview::config::{self, Config};
use boatyard_preview::id::Id;
use boatyard_preview::revision::{Repository, Subject};
use boatyard_serve::backend::{Backend, Order};
use boatyard_serve::forge::{Pace, Secrets, State, Watchers};
use boatyard_serve::keeper::Keeper;
use tokio::sync::watch;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Does nothing.
struct Nobody;

impl Backend for Nobody {
    fn begin(&self, _: Order) {}

    fn address(&self, _: &Id) -> Option<std::net::SocketAddr> {
        None
    }
}

pub struct Yard {
    pub keeper: Keeper,
    pub watchers: Watchers,
    pub repository: Repository,
    thread: Option<JoinHandle<()>>,
    state: watch::Receiver<State>,
    pub folder: tempfile::TempDir,
}

pub fn config(text: &str) -> Config {
    config::parse(text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes:?}"))
}

impl Yard {
    pub fn new(text: &str) -> Self {
        let config = config(text);
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::read(&config, folder.path(), &|_| None).unwrap();
        let (keeper, thread) =
            Keeper::open(folder.path(), config.policy(), |_| Arc::new(Nobody)).unwrap();
        // Nothing happens but what the test asks for.
        let pace = Pace {
            settle: Duration::from_millis(1),
            back_off: LIMIT,
        };
        let watchers = Watchers::start(&config, &secrets, folder.path(), &keeper, pace).unwrap();
        let repository = config.repository(&config.repositories[0]).unwrap();
        let state = watchers.follow(&repository).unwrap();
        Self {
            keeper,
            watchers,
            repository,
            thread: Some(thread),
            state,
            folder,
        }
    }

    /// As after a kill between two messages: what was not written down is gone. Nobody watches afterwards.
    pub fn restart(&mut self, text: &str) {
        self.keeper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        let (folder, policy) = (self.folder.path(), config(text).policy());
        let (keeper, thread) = Keeper::open(folder, policy, |_| Arc::new(Nobody)).unwrap();
        (self.keeper, self.thread) = (keeper, Some(thread));
    }

    /// Waits until the state is such.
    pub async fn until(&mut self, what: &str, is: impl Fn(&State) -> bool) -> State {
        let found = tokio::time::timeout(LIMIT, self.state.wait_for(|state| is(state))).await;
        let found = found.unwrap_or_else(|_| panic!("waited for {what}"));
        found.expect("the watcher lives").clone()
    }

    /// As after a hook: all is asked for, and this returns when it has been listed.
    pub async fn list(&mut self) -> State {
        let lists = self.state.borrow().lists;
        self.watchers.mark(&self.repository);
        self.until("a list", |state| state.lists > lists).await
    }

    /// As after a hook; answers with the trouble that it leads to.
    pub async fn fail(&mut self) -> String {
        self.watchers.mark(&self.repository);
        let before = self.state.borrow_and_update().trouble.clone();
        let changed = tokio::time::timeout(LIMIT, async {
            loop {
                self.state.changed().await.expect("the watcher lives");
                let state = self.state.borrow_and_update().clone();
                if state.trouble.is_some() && state.trouble != before {
                    return state.trouble;
                }
            }
        });
        let trouble = changed
            .await
            .unwrap_or_else(|_| panic!("waited for trouble, after {before:?}"));
        trouble.expect("there is trouble")
    }

    /// What is known to be open, with commits and a question mark for strangers.
    pub fn open(&self) -> BTreeMap<String, String> {
        self.keeper.look(|known| {
            let listing = known.wanted.get(&self.repository);
            let open = listing.into_iter().flat_map(|listing| &listing.open);
            open.map(|(subject, head)| {
                let name = match subject {
                    Subject::Branch(name) => name.clone(),
                    Subject::PullRequest(number) => format!("#{number}"),
                };
                let mark = if head.is_trusted { "" } else { "?" };
                (name, format!("{}{mark}", &head.commit[..1]))
            })
            .collect()
        })
    }

    /// How many environments there are.
    pub fn environments(&self) -> usize {
        self.keeper.look(|known| known.inventory.all().count())
    }

    /// Waits until there are so many.
    pub async fn until_environments(&self, count: usize) {
        let mut changes = self.keeper.feed().follow();
        let wait = async {
            while self.environments() != count {
                changes.changed().await.expect("the keeper lives");
            }
        };
        let found = tokio::time::timeout(LIMIT, wait).await;
        assert!(
            found.is_ok(),
            "waited for {count}, there are {}",
            self.environments()
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

/// `main=1 #5=5?`, as a map.
pub fn map(text: &str) -> BTreeMap<String, String> {
    let pairs = text
        .split_whitespace()
        .map(|pair| pair.split_once('=').expect("a pair"));
    pairs
        .map(|(name, commit)| (name.to_owned(), commit.to_owned()))
        .collect()
}
