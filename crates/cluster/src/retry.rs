//! Calls that outlast an API server that is restarted, that cannot reach its database for a moment, or to which the way is
//! cut without a word.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::lease::Fence;
use crate::refusal::{Refusal, Said};

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);
/// How many tries are under way at once: each has a connection, which is kept for a while, and more are not answered sooner.
const AT_ONCE: usize = 32;

/// How long the cluster may say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One try of a call: a connection whose other end is gone says nothing, for ever.
    pub answer: Duration,
    /// For how long a call is tried.
    pub call: Duration,
    /// For how long one is tried before anything has begun, and after one was tried in vain: who is there answers at once.
    pub first: Duration,
    /// After how long the server is to end a watch, so that one that is dead is told from one where nothing happens. Whole seconds.
    pub watch: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(20),
            // An API server takes half a minute to come back.
            call: Duration::from_secs(60),
            first: Duration::from_secs(5),
            watch: Duration::from_secs(25),
        }
    }
}

impl Limits {
    /// How long a connection may be silent before it counts as dead, whatever it is for.
    pub fn silence(&self) -> Duration {
        self.answer.max(self.watch + Duration::from_secs(5))
    }
}

/// Makes calls, and knows whether the last one was in vain.
#[derive(Clone, Debug)]
pub struct Calls {
    limits: Limits,
    in_vain: Arc<AtomicBool>,
    /// What lets them through; none: nobody else acts.
    fence: Option<Fence>,
    counts: Arc<Counts>,
    turns: Arc<Semaphore>,
}

fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// How calls went, counted by all copies together.
#[derive(Debug, Default)]
struct Counts {
    answered: AtomicU64,
    refused: AtomicU64,
    unanswered: AtomicU64,
    tries: AtomicU64,
    micros: AtomicU64,
}

/// How calls went so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Those that were answered as they should be.
    pub answered: u64,
    /// Those that the server would not do.
    pub refused: u64,
    /// Those that nobody answered, and those not made because somebody else may act.
    pub unanswered: u64,
    /// How often it was tried: once for each that went well.
    pub tries: u64,
    /// How long all of them took together.
    pub time: Duration,
}

impl Counts {
    fn tried(&self) {
        self.tries.fetch_add(1, Ordering::Relaxed);
    }

    fn ended<T>(&self, answered: &Result<T, Said>, begin: Instant) {
        let of = match answered {
            Ok(_) => &self.answered,
            Err(Said::Unreached { .. } | Said::Fenced) => &self.unanswered,
            Err(_) => &self.refused,
        };
        of.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Calls {
    /// With these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            in_vain: Arc::default(),
            fence: None,
            counts: Arc::default(),
            turns: turns(),
        }
    }

    /// The same, none of which is made once the fence does not let it through.
    #[must_use]
    pub fn fenced(&self, fence: Fence) -> Self {
        Self {
            fence: Some(fence),
            ..self.clone()
        }
    }

    /// The same, which wait for no others.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            turns: turns(),
            ..self.clone()
        }
    }

    /// One try, once it is its turn. The call is apart, as a future that is handed on is in memory once for each hand.
    async fn in_turn<T>(
        &self,
        answer: Duration,
        call: Pin<Box<impl Future<Output = kube::Result<T>>>>,
    ) -> Result<T, Said> {
        // It is never closed.
        let _turn = self.turns.acquire().await;
        self.counts.tried();
        let limit = match &self.fence {
            Some(fence) => answer.min(fence.left().ok_or(Said::Fenced)?),
            None => answer,
        };
        within(limit, call).await
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How they went so far: those that are watches, or carry data, not counted.
    pub fn counted(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.counts;
        Counted {
            answered: read(&counts.answered),
            refused: read(&counts.refused),
            unanswered: read(&counts.unanswered),
            tries: read(&counts.tries),
            time: Duration::from_micros(read(&counts.micros)),
        }
    }

    /// Calls until there is an answer that trying again would not change. The call must be one that may be made twice. After a
    /// call that nobody answered the next ones are given up sooner, until one is answered.
    pub async fn call<T, Once: Future<Output = kube::Result<T>>>(
        &self,
        doing: impl Into<String>,
        once: impl Fn() -> Once,
    ) -> Result<T, Refusal> {
        if self.in_vain.load(Ordering::Relaxed) {
            return self.first(doing, once).await;
        }
        let Limits { answer, call, .. } = self.limits;
        self.tried(doing, once, answer, call).await
    }

    /// The same of a write that puts through what is wanted, whatever was there: somebody else's at the same moment (409) is waited for.
    pub async fn insist<T, Once: Future<Output = kube::Result<T>>>(
        &self,
        doing: impl Into<String>,
        once: impl Fn() -> Once,
    ) -> Result<T, Refusal> {
        let doing = doing.into();
        let begin = Instant::now();
        loop {
            let answer = self.call(doing.as_str(), &once).await;
            let is_conflict = answer
                .as_ref()
                .is_err_and(|error| error.code() == Some(409));
            if !is_conflict || begin.elapsed() > self.limits.call {
                return answer;
            }
            tokio::time::sleep(FIRST).await;
        }
    }

    /// The same for the first call of all: nothing is lost if it fails.
    pub async fn first<T, Once: Future<Output = kube::Result<T>>>(
        &self,
        doing: impl Into<String>,
        once: impl Fn() -> Once,
    ) -> Result<T, Refusal> {
        let Limits { answer, first, .. } = self.limits;
        self.tried(doing, once, answer.min(first), first).await
    }

    /// One try of `call`.
    pub async fn once<T>(
        &self,
        doing: impl Into<String>,
        call: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, Refusal> {
        let begin = Instant::now();
        let answer = self.in_turn(self.limits.answer, Box::pin(call)).await;
        self.counts.ended(&answer, begin);
        answer.map_err(|source| Refusal {
            doing: doing.into(),
            source,
        })
    }

    async fn tried<T, Once: Future<Output = kube::Result<T>>>(
        &self,
        doing: impl Into<String>,
        once: impl Fn() -> Once,
        answer: Duration,
        limit: Duration,
    ) -> Result<T, Refusal> {
        let begin = Instant::now();
        let mut pause = FIRST;
        loop {
            let answered = self.in_turn(answer, Box::pin(once())).await;
            let is_silence = matches!(answered, Err(Said::Unreached { .. }));
            if !is_silence {
                self.in_vain.store(false, Ordering::Relaxed);
            }
            let is_over = match &answered {
                Ok(_) => true,
                Err(error) => !error.passes() || begin.elapsed() + pause > limit,
            };
            if is_over {
                self.counts.ended(&answered, begin);
            }
            let error = match answered {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if is_over {
                self.in_vain.store(is_silence, Ordering::Relaxed);
                let doing = doing.into();
                let source = error;
                return Err(Refusal { doing, source });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}

/// What `call` answers, or that it has not within `limit`.
pub async fn within<T>(
    limit: Duration,
    call: impl Future<Output = kube::Result<T>>,
) -> Result<T, Said> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer.map_err(Said::from),
        Err(_) => Err(Said::Unreached {
            message: format!("no answer after {} s", limit.as_secs()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(work)
    }

    #[test]
    fn what_does_not_answer_is_not_waited_for() {
        let silence = std::future::pending::<kube::Result<()>>();
        let said = block_on(within(Duration::ZERO, silence)).unwrap_err();
        assert_eq!(said.to_string(), "no answer after 0 s");
        assert!(said.passes());
    }

    #[test]
    fn after_a_call_in_vain_others_are_given_up_sooner() {
        let calls = Calls::new(Limits {
            answer: Duration::ZERO,
            call: FIRST * 5 / 2,
            first: Duration::ZERO,
            ..Limits::default()
        });
        let tries = Cell::new(0);
        let silence = async || {
            tries.set(tries.get() + 1);
            std::future::pending::<kube::Result<()>>().await
        };
        let answer = async || Ok::<_, kube::Error>(());
        for (expected, answered) in [(2, false), (1, true), (2, false), (1, false)] {
            tries.set(0);
            block_on(calls.call("ask", silence)).unwrap_err();
            assert_eq!(tries.get(), expected);
            if answered {
                block_on(calls.call("ask", answer)).unwrap();
            }
        }
        let counted = calls.counted();
        assert_eq!((counted.answered, counted.refused), (1, 0));
        assert_eq!((counted.unanswered, counted.tries), (4, 7));
    }
}
