//! Reads two images and shows how they differ.

use std::fmt::Write as _;

use boatyard_engine::compare::{self, Change};
use boatyard_plan::image::Manifest;
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use serde::Serialize;

use super::config::{Setting, settings};
use super::files;
use crate::answer::{self, Table};
use crate::progress::amount;
use crate::stopped::Stopped;
use crate::verb::image::named::resolve;
use crate::voice::Voice;

/// What programs learn.
#[derive(Serialize)]
struct Answer {
    before: Facts,
    after: Facts,
    layers: Layers,
    settings: Vec<Setting>,
    files: Vec<files::Answer>,
}

#[derive(Serialize)]
struct Facts {
    reference: String,
    /// Of the manifest, or of the index over it.
    digest: String,
    /// Sum of the compressed layers, bytes.
    size_bytes: u64,
}

/// How many layers both have at their lower end, and how many each has of its own.
#[derive(Clone, Copy, Serialize)]
struct Layers {
    shared: usize,
    before: usize,
    after: usize,
}

/// Shows how `after` differs from `before`.
pub fn run(
    store: &Store,
    before: &Reference,
    after: &Reference,
    voice: &Voice,
) -> Result<(), Stopped> {
    let (one, two) = (resolve(store, before)?, resolve(store, after)?);
    let (old, new) = (store.manifest(&one)?, store.manifest(&two)?);
    let settings = settings(&store.config(&old)?, &store.config(&new)?);
    let changes = compare::files(store, &old, &new)?;
    let facts = |reference: &Reference, digest: String, image: &Manifest| Facts {
        reference: reference.to_string(),
        digest,
        size_bytes: image.layers.iter().map(|layer| layer.size).sum(),
    };
    let answer = Answer {
        before: facts(before, one.digest.to_string(), &old),
        after: facts(after, two.digest.to_string(), &new),
        layers: layers(&old, &new),
        settings,
        files: changes.iter().map(files::answer).collect(),
    };
    if voice.json {
        answer::json(&answer)
    } else {
        answer::text(&text(&answer, &changes, voice))
    }
}

fn layers(before: &Manifest, after: &Manifest) -> Layers {
    let pairs = before.layers.iter().zip(&after.layers);
    let shared = pairs
        .take_while(|(one, other)| one.digest == other.digest)
        .count();
    Layers {
        shared,
        before: before.layers.len() - shared,
        after: after.layers.len() - shared,
    }
}

fn text(answer: &Answer, changes: &[Change], voice: &Voice) -> String {
    let paint = voice.out;
    let mut table = Table::new(["", "BEFORE", "AFTER"]);
    let pair = |name: &str, before: String, after: String| [name.to_owned(), before, after];
    let (before, after) = (&answer.before, &answer.after);
    table.row(pair(
        "image",
        before.reference.clone(),
        after.reference.clone(),
    ));
    table.row(pair("digest", short(&before.digest), short(&after.digest)));
    table.row(pair(
        "compressed",
        amount::bytes(before.size_bytes),
        amount::bytes(after.size_bytes),
    ));
    let layers = answer.layers;
    table.row(pair(
        "layers",
        format!("{} shared, {} own", layers.shared, layers.before),
        format!("{} shared, {} own", layers.shared, layers.after),
    ));
    for setting in &answer.settings {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        table.row(pair(
            &setting.name,
            shown(&setting.before),
            shown(&setting.after),
        ));
    }
    let mut text = table.render(paint);
    if changes.is_empty() {
        text.push_str("\nthe files are the same\n");
        return text;
    }
    let mut table = Table::new(["FILE", "BEFORE", "AFTER", ""]);
    for change in changes {
        table.row(files::cells(change));
    }
    let [new, gone, other] = files::counts(changes);
    let growth = files::growth(changes);
    let sign = if growth < 0 { "-" } else { "+" };
    let _ = write!(
        text,
        "\n{}{new} added, {gone} removed, {other} changed: {sign}{}\n",
        table.render(paint),
        amount::bytes(growth.unsigned_abs()),
    );
    text
}

fn short(digest: &str) -> String {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.chars().take(12).collect()
}
