//! Bases that are made from Debian's packages: made once, looked for among what was made, held to a lock.

use boatyard_plan::event::Level;
use boatyard_plan::failure::Failure as _;
use boatyard_plan::image::RunConfig;
use boatyard_plan::lock::{LockError, Pin};
use boatyard_store::layer::Layer;
use serde::{Deserialize, Serialize};

use super::base::{IMAGE, Made, PACKAGES, Start, other_kind, platform, taken};
use super::builder::Builder;
use super::image::rfc3339;
use super::key::key;
use super::{BuildError, epoch, packages};
use crate::debian::Form;
use crate::locked;
use crate::sink::notice;
use crate::snapshot::Tree;

/// What the store remembers of a base made from packages.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    layer: Layer,
    epoch: i64,
    /// The package indexes that it was made from.
    indexes: String,
    /// When the newest of them was made, seconds since 1970; not known of what older versions made.
    #[serde(default)]
    date: Option<i64>,
}

/// The first packages of a suite. Made once, and again when newer packages are asked for and there are some, or others
/// are locked.
pub(super) fn make(
    builder: &Builder<'_>,
    id: &str,
    (suite, form): (&str, Form),
    ahead: &[String],
) -> Made {
    let (kind, name) = match form {
        Form::Whole => ("debian", format!("debian:{suite}")),
        Form::Slim => ("debian", format!("debian:{suite}-slim")),
        Form::Distroless => ("distroless", format!("debian:{suite}/distroless")),
    };
    let slim = form == Form::Slim;
    let moment = epoch::from_environment();
    let key = key(kind, &(suite, slim, &builder.mirror, moment));
    // What is made anew takes the place of what was made from older indexes, but not for those who locked these.
    let exact =
        |indexes: &str| super::key::key(kind, &(suite, slim, &builder.mirror, moment, indexes));
    let remembered = |key: &str| -> Option<Record> {
        let record: Option<Record> = builder.store.action(key);
        record.filter(|record| builder.store.has_blob(&record.layer.blob.digest))
    };
    let made_from = |indexes: &str| {
        let both = [exact(indexes), key.clone()];
        let mut found = both.iter().filter_map(|key| remembered(key));
        found.find(|record| record.indexes == indexes)
    };
    // What is made anew comes from the mirror, so it is the mirror that has to fit.
    let is_made = |indexes: &str| !builder.options.no_cache && made_from(indexes).is_some();
    let locked = locked_indexes(builder, id, suite, &name, &is_made)?;
    let found = || -> Result<Option<Record>, BuildError> {
        if let Some(indexes) = &locked {
            return Ok(made_from(indexes));
        }
        let record = remembered(&key);
        if !builder.options.pull {
            return Ok(record);
        }
        let newest = packages::indexes(builder, id, suite, &[])?;
        Ok(record.filter(|record| record.indexes == newest.digest))
    };
    let whole = |record: Record, made| Start {
        taken: taken(&name, record.pin()),
        tree: Tree {
            layers: vec![record.layer],
            epoch: record.epoch,
        },
        config: RunConfig::default(),
        made,
    };
    let first = if builder.options.no_cache {
        None
    } else {
        found()?
    };
    if let Some(record) = first {
        return Ok(whole(record, false));
    }
    let _lock = builder.store.lock_action(&key)?;
    let second = if builder.options.no_cache && !builder.was_done_now(id) {
        None
    } else {
        found()?
    };
    if let Some(record) = second {
        return Ok(whole(record, false));
    }
    let indexes = packages::indexes(builder, id, suite, &[])?;
    let wanted = packages::Wanted {
        id,
        form,
        names: &[],
    };
    let layer = packages::bootstrap(builder, &wanted, ahead, &indexes)?;
    let date = packages::date(&indexes);
    let record = Record {
        layer,
        epoch: epoch::from_environment().unwrap_or(date),
        indexes: indexes.digest.clone(),
        date: Some(date),
    };
    builder.store.put_action(&key, &record)?;
    builder.store.put_action(&exact(&record.indexes), &record)?;
    builder.done_now(id);
    Ok(whole(record, true))
}

/// The package indexes that the lock wants, if they can be had: those of what was made before, or those of the mirror.
/// If it has others, that is an error or, where nobody insists, a warning.
fn locked_indexes(
    builder: &Builder<'_>,
    id: &str,
    suite: &str,
    name: &str,
    is_made: &dyn Fn(&str) -> bool,
) -> Result<Option<String>, BuildError> {
    let policy = &builder.options.lock;
    let (indexes, date) = match locked::find(policy, name, &platform(), &builder.sink)? {
        None => return Ok(None),
        Some(Pin::Packages { indexes, date }) => (indexes.hex(), date),
        Some(Pin::Image(_)) => return Err(other_kind(name, IMAGE, PACKAGES)),
    };
    if is_made(indexes) {
        return Ok(Some(indexes.to_owned()));
    }
    let found = packages::indexes(builder, id, suite, &[])?;
    if found.digest == indexes {
        return Ok(Some(indexes.to_owned()));
    }
    let moved = LockError::Moved {
        reference: name.to_owned(),
        locked: date.clone(),
        found: rfc3339(packages::date(&found)),
    };
    if policy.strict {
        return Err(moved.into());
    }
    let (text, help) = (moved.to_string(), moved.help());
    notice(&builder.sink, Level::Warning, text, help.as_deref());
    Ok(None)
}

impl Record {
    fn pin(&self) -> Pin {
        Pin::Packages {
            indexes: format!("sha256:{}", self.indexes)
                .parse()
                .expect("indexes have SHA-256 digests"),
            date: rfc3339(self.date.unwrap_or(self.epoch)),
        }
    }
}
