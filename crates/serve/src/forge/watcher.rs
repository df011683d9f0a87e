//! Asks for all that is open: at the start, now and then, and soon after each hook.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boatyard_preview::config::Config;
use boatyard_preview::forge::doubtful;
use boatyard_preview::news::{About, News};
use boatyard_preview::revision::{Place, Repository, Subject};
use boatyard_preview::wanted::Head;
use boatyard_preview::watch::Watch;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::source::Source;
use super::{AuthorityError, ForgeError, Listed, Said, Secrets, State};
use crate::causes::in_one_line;
use crate::keeper::{Heard, Keeper, Stopped};

/// How many subjects are asked for by themselves after a list; the others after the next one.
const ASKED: usize = 50;
/// How often in a row a list is thrown away because hooks came meanwhile.
const DISCARDED: usize = 3;
/// How many repositories of a forge are asked for at once.
const AT_ONCE: usize = 4;

/// How fast watchers are.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After a hook, until the repository is asked for: more of them come together.
    pub settle: Duration,
    /// After a list that failed, until it is tried again; doubled each time, up to the poll of the forge.
    pub back_off: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(1),
            back_off: Duration::from_secs(5),
        }
    }
}

/// One watcher for each repository; they end when this is dropped.
pub struct Watchers {
    marks: BTreeMap<Repository, watch::Sender<u64>>,
    states: BTreeMap<Repository, watch::Receiver<State>>,
    tasks: JoinSet<()>,
}

impl Watchers {
    /// Begins to watch all repositories of the configuration; `folder` is where it is.
    ///
    /// # Errors
    /// If the certificates of a forge's authority cannot be read.
    pub fn start(
        config: &Config,
        secrets: &Secrets,
        folder: &Path,
        keeper: &Keeper,
        pace: Pace,
    ) -> Result<Self, AuthorityError> {
        let mut watchers = Self {
            marks: BTreeMap::new(),
            states: BTreeMap::new(),
            tasks: JoinSet::new(),
        };
        for (name, forge) in &config.forges {
            let source = Source::of(forge, secrets.token(name), folder);
            let source = source.map_err(|source| AuthorityError {
                forge: name.clone(),
                path: folder.join(forge.authority.as_deref().unwrap_or_default()),
                source,
            })?;
            let gate = Arc::new(Semaphore::new(AT_ONCE));
            for watched in config.repositories.iter().filter(|one| one.forge == *name) {
                let Some(repository) = config.repository(watched) else {
                    continue;
                };
                let (mark, marked) = watch::channel(0);
                let (state, states) = watch::channel(State::default());
                watchers.marks.insert(repository.clone(), mark);
                watchers.states.insert(repository.clone(), states);
                let watcher = Watcher {
                    source: source(&watched.name),
                    watch: watched.watch.clone(),
                    repository,
                    keeper: keeper.clone(),
                    poll: forge.poll,
                    pace,
                    gate: Arc::clone(&gate),
                    state,
                };
                watchers.tasks.spawn(watcher.run(marked));
            }
        }
        Ok(watchers)
    }

    /// Something of that repository is different: it is asked for soon.
    pub fn mark(&self, repository: &Repository) {
        if let Some(mark) = self.marks.get(repository) {
            mark.send_modify(|number| *number += 1);
        }
    }

    /// How the watching of each repository goes.
    pub fn states(&self) -> BTreeMap<Repository, State> {
        let states = self.states.iter();
        states
            .map(|(repository, state)| (repository.clone(), state.borrow().clone()))
            .collect()
    }

    /// Wakes up when the watching of that repository goes another way.
    pub fn follow(&self, repository: &Repository) -> Option<watch::Receiver<State>> {
        self.states.get(repository).cloned()
    }
}

struct Watcher {
    repository: Repository,
    watch: Watch,
    source: Source,
    keeper: Keeper,
    poll: Duration,
    pace: Pace,
    gate: Arc<Semaphore>,
    state: watch::Sender<State>,
}

impl Watcher {
    async fn run(self, mut marked: watch::Receiver<u64>) {
        let mut failures = 0_u32;
        loop {
            let wait = match self.round(&mut marked).await {
                Ok(goes_on) => {
                    failures = 0;
                    if goes_on { Duration::ZERO } else { self.poll }
                }
                Err(Ended::Forge(error)) => {
                    failures += 1;
                    let doubled = self
                        .pace
                        .back_off
                        .saturating_mul(1 << (failures - 1).min(10));
                    let wait = error.wait().unwrap_or_else(|| doubled.min(self.poll));
                    let text = in_one_line(&error);
                    self.state.send_modify(|state| state.trouble = Some(text));
                    wait
                }
                // Whoever starts it again starts the watchers as well.
                Err(Ended::Keeper) => return,
            };
            let is_marked = tokio::time::timeout(wait, marked.changed()).await;
            match is_marked {
                Ok(Ok(())) => tokio::time::sleep(self.pace.settle).await,
                Ok(Err(_)) => return,
                Err(_) => {}
            }
        }
    }

    /// One list, and what has to be asked by itself. Whether there is more of that.
    async fn round(&self, marked: &mut watch::Receiver<u64>) -> Result<bool, Ended> {
        let _turn = self.gate.acquire().await.map_err(|_| Ended::Keeper)?;
        let mut listed = Listed::default();
        for _ in 0..=DISCARDED {
            marked.mark_unchanged();
            listed = self.source.list(&self.watch).await.map_err(Ended::Forge)?;
            // What hooks said meanwhile may be newer. If they do not end, the next list makes good for it.
            if !marked.has_changed().unwrap_or(false) {
                break;
            }
        }
        let missing = self.keeper.look(|known| {
            let listed = listed.open.iter().map(|(subject, ..)| subject);
            doubtful(&known.wanted, &self.repository, listed)
        });
        let open = self.with_what_is_known(listed.open);
        let repository = self.repository.clone();
        let mut news = vec![News::Listing { repository, open }];
        // What is not meant any more may be there: another branch is the default, or the configuration is another one.
        let (meant, mut missing): (Vec<_>, Vec<_>) = missing.into_iter().partition(|subject| {
            let default = &listed.default_branch;
            let is_default = matches!(subject, Subject::Branch(name) if name == default);
            self.watch.follows(subject, is_default)
        });
        let is_more = meant.len() > ASKED;
        let answers = self
            .source
            .ask(meant.into_iter().take(ASKED).collect())
            .await;
        for (subject, said) in answers.said {
            match said {
                Said::Closed => missing.push(subject),
                Said::Open(head, about) => {
                    let place = self.place(subject);
                    news.push(News::Head { place, head, about });
                }
            }
        }
        // Only who gets on with it goes on at once.
        let goes_on = is_more && !missing.is_empty();
        let closed = missing.into_iter().map(|subject| self.place(subject));
        news.extend(closed.map(|place| News::Closed { place }));
        let heard = Heard {
            delivery: None,
            by: self.repository.forge.clone(),
            news,
            ..Heard::default()
        };
        let heard = self.keeper.hear(heard).await;
        heard.map_err(|Stopped(_)| Ended::Keeper)?;
        self.state.send_modify(|state| {
            state.lists += 1;
            state.listed = Some(Instant::now());
            state.trouble = None;
        });
        match answers.error {
            // What is said of the others holds all the same.
            Some(error) => Err(Ended::Forge(error)),
            None => Ok(goes_on),
        }
    }

    fn place(&self, subject: Subject) -> Place {
        Place {
            repository: self.repository.clone(),
            subject,
        }
    }

    /// A list says less than a hook: what is known of the same commit is kept.
    fn with_what_is_known(&self, open: Vec<(Subject, Head, About)>) -> Vec<(Subject, Head, About)> {
        self.keeper.look(|known| {
            let known_heads = known.wanted.get(&self.repository);
            let complete = |(subject, head, mut about): (Subject, Head, About)| {
                let before = known_heads.and_then(|listing| listing.open.get(&subject));
                let place = Place {
                    repository: self.repository.clone(),
                    subject,
                };
                if before.is_some_and(|before| before.commit == head.commit)
                    && let Some(known) = known.abouts.get(&place)
                {
                    for (new, old) in [
                        (&mut about.title, &known.title),
                        (&mut about.author, &known.author),
                        (&mut about.url, &known.url),
                    ] {
                        if new.is_empty() {
                            new.clone_from(old);
                        }
                    }
                }
                (place.subject, head, about)
            };
            open.into_iter().map(complete).collect()
        })
    }
}

/// Why a round ended early.
enum Ended {
    Forge(ForgeError),
    Keeper,
}
