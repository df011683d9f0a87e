//! Snapshots: made, gone back to, listed, removed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::failure::PreviewError;
use super::one::{path, read};
use crate::answer::{self, Table};
use crate::args::preview::{One, OneOf, Snapshot};
use crate::progress::amount;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// How long until the server is asked again whether it is done.
const AGAIN: Duration = Duration::from_millis(300);

/// What is known of an environment's snapshots.
#[derive(Deserialize)]
struct Shelf {
    id: String,
    phase: String,
    snapshots: Vec<Kept>,
    undone: Option<String>,
}

/// A snapshot.
#[derive(Deserialize)]
struct Kept {
    name: String,
    at: String,
    size_bytes: u64,
}

/// Makes one, and waits until it is whole.
pub fn save(api: &Api, words: &Snapshot, voice: &Voice) -> Result<(), Stopped> {
    let path = path(&words.one);
    let before: Shelf = read(api, api.get(&path, &[])?)?;
    let query = words.name.as_ref().map(|name| format!("?name={name}"));
    let asked = api.post(&format!("{path}/snapshots{}", query.unwrap_or_default()))?;
    let (done, after) = finish(api, &path, asked)?;
    let is_new = |kept: &&Kept| before.snapshots.iter().all(|other| other.name != kept.name);
    let Some(kept) = after.snapshots.iter().find(is_new) else {
        return Err(overtaken(after).into());
    };
    if voice.json {
        return answer::json(&done);
    }
    let size = amount::bytes(kept.size_bytes);
    answer::text(&format!("made the snapshot {}: {size}\n", kept.name))
}

/// Goes back to one, and waits until that is done.
pub fn restore(api: &Api, words: &OneOf, voice: &Voice) -> Result<(), Stopped> {
    let path = path(&words.one);
    let asked = api.post(&format!("{path}/snapshots/{}/restore", words.name))?;
    let (done, after) = finish(api, &path, asked)?;
    if !matches!(
        after.phase.as_str(),
        "asleep" | "starting" | "running" | "failed"
    ) {
        return Err(overtaken(after).into());
    }
    if voice.json {
        return answer::json(&done);
    }
    let name = &words.name;
    answer::text(&format!("its data is that of the snapshot {name}\n"))
}

/// Lists them.
pub fn list(api: &Api, one: &One, voice: &Voice) -> Result<(), Stopped> {
    let environment = api.get(&path(one), &[])?;
    if voice.json {
        return answer::json(&environment["snapshots"]);
    }
    let shelf: Shelf = read(api, environment)?;
    if shelf.snapshots.is_empty() {
        return answer::text("no snapshot\n");
    }
    let mut table = Table::new(["NAME", "MADE", "SIZE"]);
    for kept in shelf.snapshots {
        table.row([kept.name, kept.at, amount::bytes(kept.size_bytes)]);
    }
    answer::text(&table.render(voice.out))
}

/// Removes one.
pub fn discard(api: &Api, words: &OneOf, voice: &Voice) -> Result<(), Stopped> {
    let path = path(&words.one);
    let done = api.delete(&format!("{path}/snapshots/{}", words.name))?;
    if voice.json {
        return answer::json(&done);
    }
    answer::text(&format!("removed the snapshot {}\n", words.name))
}

/// Waits until nothing is being done with a snapshot any more; what the environment is then.
fn finish(api: &Api, path: &str, mut now: Value) -> Result<(Value, Shelf), PreviewError> {
    loop {
        let shelf: Shelf = read(api, now.clone())?;
        if !matches!(shelf.phase.as_str(), "stopping" | "saving" | "restoring") {
            return match shelf.undone {
                Some(why) => Err(PreviewError::NotDone { id: shelf.id, why }),
                None => Ok((now, shelf)),
            };
        }
        std::thread::sleep(AGAIN);
        now = api.get(path, &[])?;
    }
}

/// Somebody wanted something else meanwhile.
fn overtaken(shelf: Shelf) -> PreviewError {
    PreviewError::NotDone {
        why: format!("it is {}", shelf.phase),
        id: shelf.id,
    }
}
