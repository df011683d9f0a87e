//! Spans, as they are sent.

use std::fmt::Write as _;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Phase;
use boatyard_preview::time::Time;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Something that took a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Span(Value);

impl Span {
    /// As it is sent.
    pub fn into_json(self) -> Value {
        self.0
    }
}

/// What a span is of.
struct Of<'a> {
    id: &'a Id,
    /// Text by name.
    attributes: Vec<(&'static str, String)>,
    /// Why it went wrong.
    wrong: Option<&'a str>,
}

/// A delivery of a forge that told of the revision of that id; times in nanoseconds since 1970.
pub fn hook(id: &Id, forge: &str, begin: u128, end: u128) -> Span {
    let of = Of {
        id,
        attributes: vec![("boatyard.forge", forge.to_owned())],
        wrong: None,
    };
    // 2: SERVER.
    make("hook", 2, (begin, end), &of)
}

/// What a phase was spent with, if a span is made of it: from `since` until it became `after` at `end`; none: it is gone.
pub fn phase(
    before: Phase,
    since: Time,
    one: &Environment,
    (after, end): (Option<Phase>, Time),
) -> Option<Span> {
    let name = match before {
        Phase::Queued => "queued",
        Phase::Preparing => "prepare",
        Phase::Starting => "start",
        Phase::Stopping => "stop",
        Phase::Saving => "save",
        Phase::Restoring => "restore",
        Phase::Removing => "remove",
        Phase::Unapproved
        | Phase::Undeployed
        | Phase::Asleep
        | Phase::Running
        | Phase::Failed
        | Phase::Stuck => return None,
    };
    let wrong = match before {
        // That it had failed before is nothing that went wrong now.
        Phase::Saving | Phase::Restoring => one.undone.as_deref(),
        _ if matches!(after, Some(Phase::Failed | Phase::Stuck)) => {
            Some(one.reason.as_deref().unwrap_or_default())
        }
        _ => None,
    };
    let of = Of {
        id: &one.id,
        attributes: attributes(one),
        wrong,
    };
    // 1: INTERNAL.
    Some(make(name, 1, (nanos(since), nanos(end)), &of))
}

/// From when it was heard of until it was prepared, or could not be.
pub fn revision(one: &Environment, end: Time) -> Span {
    let is_wrong = one.phase == Phase::Failed;
    let of = Of {
        id: &one.id,
        attributes: attributes(one),
        wrong: is_wrong.then(|| one.reason.as_deref().unwrap_or_default()),
    };
    make(ROOT, 1, (nanos(one.created), nanos(end)), &of)
}

/// The span that has the others.
const ROOT: &str = "revision";

fn attributes(one: &Environment) -> Vec<(&'static str, String)> {
    vec![
        ("boatyard.place", one.revision.place.to_string()),
        ("vcs.ref.head.revision", one.revision.commit.clone()),
    ]
}

fn nanos(time: Time) -> u128 {
    u128::from(time.0) * 1_000_000
}

fn make(name: &str, kind: u8, (begin, end): (u128, u128), of: &Of<'_>) -> Span {
    let trace = digits(&["trace", of.id.as_str()], 16);
    let root = digits(&["root", &trace], 8);
    let text = |name: &str, value: &str| json!({ "key": name, "value": { "stringValue": value } });
    let mut attributes = vec![text("boatyard.environment", of.id.as_str())];
    let more = of.attributes.iter();
    attributes.extend(more.map(|(name, value)| text(name, value)));
    let mut span = json!({
        "traceId": trace,
        "name": name,
        "kind": kind,
        // 64 bits are text in this JSON.
        "startTimeUnixNano": begin.to_string(),
        "endTimeUnixNano": end.max(begin).to_string(),
        "attributes": attributes,
    });
    if name == ROOT {
        span["spanId"] = root.into();
    } else {
        span["spanId"] = digits(&[&trace, name, &begin.to_string()], 8).into();
        span["parentSpanId"] = root.into();
    }
    if let Some(wrong) = of.wrong {
        // 2: ERROR.
        span["status"] = json!({ "code": 2, "message": wrong });
    }
    Span(span)
}

/// So many bytes that are always the same for the same parts, in hexadecimal digits.
fn digits(parts: &[&str], bytes: usize) -> String {
    let digest = Sha256::digest(parts.join("\n"));
    let some = digest.iter().take(bytes);
    some.fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
