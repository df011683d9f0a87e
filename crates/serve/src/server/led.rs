//! Whether we have led last: then what is in our journal is how it is.
//!
//! ```text
//! HOME/serve/led.json   { "lease": "0f8c...", "term": 7 }   which term of which lease we have had
//! ```

use std::fs;
use std::io;
use std::path::Path;

use boatyard_cluster::lease::Term;
use serde::{Deserialize, Serialize};

use super::error::ServeError;
use crate::journal::forget;

/// A term that we have had.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Led {
    lease: String,
    term: i32,
}

/// Begins a term with the journal in `state`: what another server may know better by now is forgotten, and found on the cluster.
pub(super) fn continued(state: &Path, term: &Term) -> Result<(), ServeError> {
    let file = state.join("led.json");
    let now = Led {
        lease: term.lease.clone(),
        term: term.number,
    };
    let failed = |source| ServeError::Folder {
        path: state.to_owned(),
        source,
    };
    let before = match fs::read(&file) {
        Ok(text) => serde_json::from_slice(&text).map_or(Before::Unread, Before::Term),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Before::Nothing,
        Err(error) => return Err(failed(error)),
    };
    if !follows(&before, &now) {
        forget(state)?;
    }
    let new = file.with_extension("new");
    let text = serde_json::to_vec(&now).unwrap_or_default();
    fs::write(&new, text).map_err(failed)?;
    fs::rename(&new, &file).map_err(failed)
}

/// What is written down of the term before.
#[derive(Debug)]
enum Before {
    Nothing,
    /// It cannot be read.
    Unread,
    Term(Led),
}

/// Whether nobody else has led since.
fn follows(before: &Before, now: &Led) -> bool {
    match before {
        Before::Term(before) => before.lease == now.lease && before.term + 1 == now.term,
        Before::Unread => false,
        // There were no leases yet.
        Before::Nothing => now.term == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Before, Led, follows};

    #[test]
    fn only_who_has_led_last_knows_best() {
        let led = |lease: &str, term| Led {
            lease: lease.to_owned(),
            term,
        };
        let now = led("a", 7);
        for (before, expected) in [
            (Before::Term(led("a", 6)), true),
            (Before::Term(led("a", 5)), false),
            (Before::Term(led("b", 6)), false),
            (Before::Unread, false),
            (Before::Nothing, false),
        ] {
            assert_eq!(follows(&before, &now), expected, "{before:?}");
        }
        // The first that has leases; and one that somebody has removed.
        let first = led("b", 0);
        assert!(follows(&Before::Nothing, &first));
        assert!(!follows(&Before::Term(led("a", 7)), &first));
    }
}
