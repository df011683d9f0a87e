//! One life of a server, in a process of its own: it goes on with the story where the last one was answered, and what it finds is
//! what the last one had left.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use boatyard_preview::environment::{Environment, Slot};
use boatyard_preview::id::Id;
use boatyard_preview::news::News;
use boatyard_preview::phase::{Event, Phase};
use boatyard_preview::policy::Policy;
use boatyard_preview::watch::Watch;
use boatyard_serve::backend::{Order, Told};
use boatyard_serve::feed::Change;
use boatyard_serve::journal::Reader;
use boatyard_serve::keeper::{AskError, Heard, Keeper, Stopped};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::super::yard::Yard;
use super::acts::{Act, Which, head, place, policy, revision, story};
use super::fate::{self, moment};
use super::world::World;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
/// How many acts were answered: as many as it has bytes.
const ANSWERED: &str = "answered";
/// What everybody has seen of the feed.
const SEEN: &str = "seen";
/// What there is at the end.
pub const END: &str = "end";
/// What there was to be counted.
pub const COUNTS: &str = "counts";

pub struct Life<'a> {
    folder: &'a Path,
    world: World,
    policy: Policy,
    keeper: Keeper,
    thread: Option<JoinHandle<()>>,
    orders: UnboundedReceiver<Order>,
    /// The last change that was seen.
    last: u64,
}

pub async fn live(folder: &Path) {
    let story = story();
    let answered = fs::read(folder.join(ANSWERED)).unwrap_or_default().len();
    let mut life = Life::begin(folder, policy(&story[..answered]));
    life.finds_what_was_left();
    for (at, act) in story.iter().enumerate().skip(answered) {
        println!("{act:?}");
        moment();
        life.act(act, policy(&story[..=at])).await;
        life.see();
        append(&folder.join(ANSWERED), ".");
        moment();
    }
    life.until("everything to rest", Life::rests).await;
    life.finds_what_was_left();
    let end = life.end();
    life.stop();
    fs::write(folder.join(END), end).unwrap();
    fs::write(folder.join(COUNTS), fate::counts().to_string()).unwrap();
}

impl<'a> Life<'a> {
    fn begin(folder: &'a Path, policy: Policy) -> Self {
        let world = World::new(folder, policy.limits);
        world.server_is_gone();
        let (keeper, thread, orders) = open(folder, &policy);
        let last = keeper.feed().last();
        Self {
            folder,
            world,
            policy,
            keeper,
            thread: Some(thread),
            orders,
            last,
        }
    }

    fn stop(&mut self) {
        self.keeper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    async fn act(&mut self, act: &Act, policy: Policy) {
        match act {
            Act::Push(which) => self.hear(which.1, head(*which, true)).await,
            Act::Offer(which) => self.hear(which.1, head(*which, false)).await,
            Act::Close(branch) => {
                let place = place(branch);
                self.hear(branch, News::Closed { place }).await;
            }
            Act::Ask(which, event) => self.ask(&id(*which), event).await,
            Act::Crash(which) => {
                let id = id(*which);
                if self.world.runs(&id) {
                    self.world.crash(&id);
                    moment();
                    let attempt = self.one(&id).expect("it is there").attempt;
                    let event = Event::Fail("it ended by itself".into());
                    self.keeper.tell(Told { id, attempt, event });
                }
            }
            Act::Sign(which, line) => self.world.sign(&id(*which), line),
            Act::Idle(_) => {
                self.policy = policy.clone();
                while self.keeper.follow_policy(policy.clone()).await.is_err() {}
            }
            Act::Again => {
                self.stop();
                self.see();
                self.world.server_is_gone();
                (self.keeper, self.thread, self.orders) = {
                    let (keeper, thread, orders) = open(self.folder, &self.policy);
                    (keeper, Some(thread), orders)
                };
                self.finds_what_was_left();
            }
            Act::Until(which, phase) => {
                let (id, phase) = (id(*which), *phase);
                let is = move |life: &Self| life.is(&id, phase);
                self.until(&format!("{act:?}"), is).await;
            }
        }
    }

    /// A forge says it until it is heard.
    async fn hear(&mut self, delivery: &str, news: News) {
        let deadline = Instant::now() + LIMIT;
        let heard = || Heard {
            delivery: Some(delivery.to_owned()),
            by: "forge".into(),
            news: vec![news.clone()],
            ..Heard::default()
        };
        while let Err(Stopped(why)) = self.keeper.hear(heard()).await {
            assert!(Instant::now() < deadline, "{why}");
        }
    }

    /// Somebody asks until he is answered.
    async fn ask(&mut self, id: &Id, event: &Event) {
        let deadline = Instant::now() + LIMIT;
        loop {
            match self.keeper.ask(id, event.clone(), "anne").await {
                // It has happened already, before the last end.
                Ok(_) | Err(AskError::Refused(_)) => return,
                Err(AskError::Stopped(Stopped(why))) => assert!(Instant::now() < deadline, "{why}"),
                Err(error @ AskError::NotThere) => panic!("{event:?}: {error}"),
            }
        }
    }

    /// Works until it is so.
    async fn until(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let mut follow = self.keeper.feed().follow();
        let wait = async {
            loop {
                while let Ok(order) = self.orders.try_recv() {
                    self.work(&order);
                }
                self.see();
                if is(self) {
                    return;
                }
                tokio::select! {
                    order = self.orders.recv() => self.work(&order.expect("the keeper lives")),
                    _ = follow.changed() => {}
                }
            }
        };
        let waited = timeout(LIMIT, wait).await;
        assert!(waited.is_ok(), "waited for {what}: {}", self.end());
    }

    fn work(&self, order: &Order) {
        let event = self.world.work(order);
        let (id, attempt) = (order.environment.id, order.attempt);
        self.keeper.tell(Told { id, attempt, event });
        moment();
    }

    fn one(&self, id: &Id) -> Option<Environment> {
        self.keeper.look(|known| known.inventory.get(id).cloned())
    }

    fn all(&self) -> Vec<Environment> {
        let all = |known: &boatyard_serve::keeper::Known| known.inventory.all().cloned().collect();
        self.keeper.look(all)
    }

    /// Whether it is so in what is known and in what is there.
    fn is(&self, id: &Id, phase: Option<Phase>) -> bool {
        let has = self.world.data(id).is_some();
        let is_there = match phase {
            Some(Phase::Running) => has && self.world.runs(id),
            Some(Phase::Asleep) => has && !self.world.runs(id),
            _ => !has,
        };
        is_there && self.one(id).map(|one| one.phase) == phase
    }

    fn rests(&self) -> bool {
        self.all().iter().all(|one| {
            let is_at_rest = !matches!(one.phase, Phase::Queued | Phase::Failed | Phase::Stuck);
            let is_done = one.phase.effect().is_none() || one.phase == Phase::Running;
            is_at_rest && is_done && self.is(&one.id, Some(one.phase))
        })
    }

    /// Sees what has changed; it is what is written down.
    fn see(&mut self) {
        let changes = self.keeper.feed().since(self.last, usize::MAX).unwrap();
        let mut text = String::new();
        for change in changes {
            self.last = change.number;
            text.push_str(&line(&change));
        }
        append(&self.folder.join(SEEN), &text);
    }

    /// P1, P2, P3 and P9, of what the last life has left.
    fn finds_what_was_left(&self) {
        let all = self.all();
        let revisions: BTreeSet<_> = all.iter().map(|one| &one.revision).collect();
        assert_eq!(
            revisions.len(),
            all.len(),
            "one for each revision: {all:#?}"
        );
        for (id, kinds) in self.world.things() {
            let one = all.iter().find(|one| one.id == id);
            let is_known = one.is_some_and(Environment::is_kept);
            assert!(is_known, "{id} has {kinds:?}, and nobody knows: {one:?}");
        }
        let limits = self.policy.limits;
        self.keeper.look(|known| {
            assert!(known.inventory.held(Slot::Preparing) <= limits.preparing);
            assert!(known.inventory.held(Slot::Running) <= limits.running);
            assert!(known.inventory.kept() <= limits.kept);
        });
        let reader = Reader::open(self.folder).unwrap();
        assert_eq!(reader.verify().unwrap(), None);
        let written: BTreeSet<String> = reader
            .audit(None, u64::MAX, usize::MAX)
            .unwrap()
            .iter()
            .map(|entry| {
                let phase = entry.phase.as_deref().unwrap_or("gone");
                format!(
                    "{} {} {phase} {} {}",
                    entry.number, entry.id, entry.by, entry.why
                )
            })
            .collect();
        let seen = fs::read_to_string(self.folder.join(SEEN)).unwrap_or_default();
        for line in seen.lines() {
            assert!(
                written.contains(line),
                "{line} was seen, and is not written down"
            );
        }
    }

    /// All that is known and there.
    fn end(&self) -> String {
        let mut lines: Vec<String> = self.all().iter().map(|one| self.told(one)).collect();
        lines.sort();
        lines.concat()
    }

    fn told(&self, one: &Environment) -> String {
        let things = self.world.things();
        let mut text = format!("{} {}", one.revision.commit, one.phase);
        let facts = [
            (one.is_trusted, "trusted"),
            (one.is_prepared, "prepared"),
            (one.is_good, "good"),
            (one.is_pinned, "pinned"),
            (one.asked.is_some(), "asked for"),
            (one.failures > 0, "failed"),
        ];
        for (_, name) in facts.iter().filter(|(is, _)| *is) {
            let _ = write!(text, " {name}");
        }
        let has = things.get(&one.id);
        let data = self.world.data(&one.id);
        let snapshots = one.snapshots.iter();
        let snapshots: Vec<_> = snapshots.map(|one| (&one.name, one.size_bytes)).collect();
        format!(
            "{text} {:?} {has:?} {data:?} {snapshots:?} {:?}\n",
            one.leaving, one.undone
        )
    }
}

/// A server begins, once it can.
fn open(folder: &Path, policy: &Policy) -> (Keeper, JoinHandle<()>, UnboundedReceiver<Order>) {
    let deadline = Instant::now() + LIMIT;
    loop {
        match Yard::open_by(folder, policy.clone()) {
            Ok(opened) => return opened,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    }
}

fn id(which: Which) -> Id {
    Id::of(&revision(which), &Watch::default().recipe)
}

fn line(change: &Change) -> String {
    let phase = change.environment.as_ref().map(|one| one.phase.name());
    let phase = phase.unwrap_or("gone");
    let Change {
        number,
        id,
        by,
        why,
        ..
    } = change;
    format!("{number} {id} {phase} {by} {why}\n")
}

fn append(file: &Path, text: &str) {
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.unwrap().write_all(text.as_bytes()).unwrap();
}
