//! Who is logging in, and who has logged in. Both are kept in memory: who has logged in before a restart does it again, which
//! takes a provider no question.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use boatyard_preview::config::Token;

use super::chance;
use super::error::LoginError;
use super::provider::Attempt;

/// How long somebody may take to log in.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long he then is who he is: what he may is asked for again afterwards.
pub const SESSION: Duration = Duration::from_secs(12 * 60 * 60);
/// Who are logging in at once, and who have.
const MOST: usize = 10_000;
/// What stands before the words of those who have logged in, so that none is taken for a token, nor a token for one.
const BEGIN: &str = "session-";

/// Who is logging in, and who has. Clones are the same.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    /// By the state that comes back.
    pending: HashMap<String, (Instant, Pending)>,
    /// By the digest of what stands in the cookie: who reads memory, or a copy of it, is nobody thereby.
    open: HashMap<String, (Instant, Arc<Session>)>,
}

/// Somebody who is logging in.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Where.
    pub provider: String,
    /// What he comes back with.
    pub attempt: Attempt,
    /// Where he wanted to go.
    pub to: String,
    /// The digest of what stands in a cookie of his browser.
    browser: String,
}

/// Somebody who has logged in.
#[derive(Debug)]
pub struct Session {
    /// Who he is.
    pub name: String,
    /// What he may.
    pub grants: Vec<Token>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "({} open)", self.inner().open.len())
    }
}

impl Sessions {
    /// Somebody begins; what has to stand in a cookie of his browser until he comes back. If too many do, who began longest ago
    /// has to begin again: whoever begins very often keeps nobody else from it.
    ///
    /// # Errors
    /// If there is no chance on this machine.
    pub fn begin(&self, provider: &str, attempt: Attempt, to: &str) -> Result<String, LoginError> {
        let cookie = chance::word().ok_or(LoginError::NoChance)?;
        let now = Instant::now();
        let mut inner = self.inner();
        if inner.pending.len() >= MOST {
            inner.make_room(now);
        }
        let pending = Pending {
            provider: provider.to_owned(),
            to: to.to_owned(),
            browser: chance::digest(&cookie),
            attempt,
        };
        let state = pending.attempt.state.clone();
        inner.pending.insert(state, (now + PATIENCE, pending));
        Ok(cookie)
    }

    /// Somebody comes back with that state, in a browser with that cookie. Only once.
    ///
    /// # Errors
    /// If it was not begun there, or too long ago.
    pub fn come_back(
        &self,
        provider: &str,
        state: &str,
        cookie: &str,
    ) -> Result<Pending, LoginError> {
        let found = self.inner().pending.remove(state);
        found
            .filter(|(until, pending)| {
                *until > Instant::now()
                    && pending.provider == provider
                    && pending.browser == chance::digest(cookie)
            })
            .map(|(_, pending)| pending)
            .ok_or(LoginError::NotBegun)
    }

    /// Somebody has logged in; what stands in his cookie from now on.
    ///
    /// # Errors
    /// If too many have.
    pub fn open(&self, name: String, grants: Vec<Token>) -> Result<String, LoginError> {
        let word = format!("{BEGIN}{}", chance::word().ok_or(LoginError::NoChance)?);
        let now = Instant::now();
        let mut inner = self.inner();
        inner.open.retain(|_, (until, _)| *until > now);
        if inner.open.len() >= MOST {
            return Err(LoginError::TooMany);
        }
        let session = Arc::new(Session { name, grants });
        inner
            .open
            .insert(chance::digest(&word), (now + SESSION, session));
        Ok(word)
    }

    /// Whether this is the word of somebody who has logged in, or had.
    pub fn is_word(text: &str) -> bool {
        text.starts_with(BEGIN)
    }

    /// Whose cookie that is.
    pub fn find(&self, word: &str) -> Option<Arc<Session>> {
        let inner = self.inner();
        let (until, session) = inner.open.get(&chance::digest(word))?;
        (*until > Instant::now()).then(|| Arc::clone(session))
    }

    /// Whoever had that cookie is nobody any more.
    pub fn close(&self, word: &str) {
        self.inner().open.remove(&chance::digest(word));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Forgets who took too long to log in, and if that is nobody, who began longest ago.
    fn make_room(&mut self, now: Instant) {
        self.pending.retain(|_, (until, _)| *until > now);
        if self.pending.len() < MOST {
            return;
        }
        let oldest = self.pending.iter().min_by_key(|(_, (until, _))| *until);
        if let Some(state) = oldest.map(|(state, _)| state.clone()) {
            self.pending.remove(&state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Sessions};
    use crate::login::Attempt;

    #[test]
    fn who_begins_very_often_keeps_nobody_else_from_it() {
        let sessions = Sessions::default();
        let begin = || {
            let attempt = Attempt::new("https://a.test/back".to_owned()).expect("chance");
            let state = attempt.state.clone();
            let cookie = sessions.begin("work", attempt, "/").expect("room");
            (state, cookie)
        };
        let first = begin();
        let others: Vec<_> = (0..MOST).map(|_| begin()).collect();
        let comes_back = |(state, cookie): &(String, String)| {
            let pending = sessions.come_back("work", state, cookie);
            pending.is_ok()
        };
        assert!(!comes_back(&first), "he began longest ago");
        assert!(others.iter().all(comes_back));
    }

    #[test]
    fn words_are_told_from_tokens() {
        let sessions = Sessions::default();
        let word = sessions.open("anne".to_owned(), Vec::new()).expect("room");
        assert!(Sessions::is_word(&word) && !Sessions::is_word("a token"));
        assert_eq!(sessions.find(&word).expect("it is open").name, "anne");
        sessions.close(&word);
        assert!(sessions.find(&word).is_none() && Sessions::is_word(&word));
    }
}
