//! How the files of two images differ, in words.

use boatyard_engine::compare::{Change, Side};
use serde::Serialize;

use crate::progress::amount;

/// What programs learn of a path.
#[derive(Serialize)]
pub struct Answer {
    path: String,
    /// `added`, `removed` or `changed`.
    change: &'static str,
    /// What differs of what is in both: `content`, `mode`, `owner`, `kind`, `link`.
    what: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Facts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Facts>,
}

#[derive(Serialize)]
struct Facts {
    kind: &'static str,
    /// Octal.
    mode: String,
    uid: u32,
    gid: u32,
    size_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// What programs learn.
pub fn answer(change: &Change) -> Answer {
    Answer {
        path: change.path.display().to_string(),
        change: kind(change),
        what: what(change),
        before: change.before.as_ref().map(facts),
        after: change.after.as_ref().map(facts),
    }
}

/// The cells of a row: a sign, the path, its size before and after, what differs.
pub fn cells(change: &Change) -> [String; 4] {
    let sign = match kind(change) {
        "added" => "+",
        "removed" => "-",
        _ => "~",
    };
    let path = change.path.display();
    let size = |side: &Option<Side>| match side {
        Some(side) if side.kind == "file" => amount::bytes(side.size),
        Some(side) => side.kind.to_owned(),
        None => String::new(),
    };
    let words = match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            let words = what(change).into_iter().map(|word| match word {
                "mode" => format!("mode {:o} -> {:o}", before.mode, after.mode),
                "owner" => format!(
                    "owner {}:{} -> {}:{}",
                    before.uid, before.gid, after.uid, after.gid
                ),
                other => other.to_owned(),
            });
            words.collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    [
        format!("{sign} {path}"),
        size(&change.before),
        size(&change.after),
        words,
    ]
}

/// Bytes that the second image has more; negative: less.
pub fn growth(changes: &[Change]) -> i64 {
    let size = |side: &Option<Side>| {
        let size = side.as_ref().map_or(0, |side| side.size);
        i64::try_from(size).unwrap_or(i64::MAX)
    };
    changes
        .iter()
        .map(|change| size(&change.after) - size(&change.before))
        .sum()
}

/// How many paths were added, removed and changed.
pub fn counts(changes: &[Change]) -> [usize; 3] {
    ["added", "removed", "changed"]
        .map(|wanted| changes.iter().filter(|it| kind(it) == wanted).count())
}

fn kind(change: &Change) -> &'static str {
    match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    }
}

fn what(change: &Change) -> Vec<&'static str> {
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        return Vec::new();
    };
    [
        ("kind", before.kind != after.kind),
        ("content", change.is_content),
        ("link", before.link != after.link),
        ("mode", before.mode != after.mode),
        ("owner", (before.uid, before.gid) != (after.uid, after.gid)),
    ]
    .into_iter()
    .filter_map(|(word, differs)| differs.then_some(word))
    .collect()
}

fn facts(side: &Side) -> Facts {
    Facts {
        kind: side.kind,
        mode: format!("{:04o}", side.mode),
        uid: side.uid,
        gid: side.gid,
        size_bytes: side.size,
        link: side.link.as_ref().map(|link| link.display().to_string()),
    }
}
