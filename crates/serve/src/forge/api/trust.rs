//! Who may write: asked once in a while, or anew where it matters.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::forge::ForgeError;

/// How long an answer is kept. While it is, the author of a pull request counts as what he was: lists have many of them.
pub(super) const HOLDS: Duration = Duration::from_secs(10 * 60);
/// Answers that are kept.
const KEPT: usize = 4096;

/// Who may write to which repository.
#[derive(Default)]
pub(super) struct Trust(Mutex<BTreeMap<(String, String), (Instant, bool)>>);

impl Trust {
    /// Whether `user` may write to `repository`; `ask` asks the forge, unless it has answered within `holds`. One that does not
    /// say trusts nobody.
    pub fn may_write(
        &self,
        (repository, user): (&str, &str),
        holds: Duration,
        ask: impl FnOnce() -> Result<bool, ForgeError>,
    ) -> Result<bool, ForgeError> {
        if user.is_empty() {
            return Ok(false);
        }
        let key = (repository.to_lowercase(), user.to_lowercase());
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let found = known().get(&key).copied();
        if let Some((_, may)) = found.filter(|(at, _)| now.duration_since(*at) < holds) {
            return Ok(may);
        }
        let may = match ask() {
            Ok(may) => may,
            // Not a member, or our token may not ask.
            Err(ForgeError::NotThere { .. } | ForgeError::Refused { .. }) => false,
            Err(error) => return Err(error),
        };
        let mut known = known();
        if known.len() >= KEPT {
            known.retain(|_, (at, _)| now.duration_since(*at) < HOLDS);
        }
        if known.len() < KEPT || known.contains_key(&key) {
            known.insert(key, (now, may));
        }
        Ok(may)
    }
}
