//! What the server says, for people and for programs.

use std::io::{self, IsTerminal as _, Write as _};

use boatyard_preview::phase::Phase;
use boatyard_preview::revision::short;
use boatyard_serve::feed::Change;
use boatyard_serve::logs::plain;
use boatyard_serve::server::Said;
use serde_json::{Value, json};

use crate::voice::Voice;

/// Writes what the server says to standard output: a line each, as JSON if that is wanted.
pub(super) fn teller(voice: &Voice) -> impl Fn(&Said) + Send + Sync + 'static {
    let is_json = voice.json;
    let is_read = io::stdout().is_terminal();
    move |said| {
        let line = if is_json {
            object(said).to_string()
        } else {
            words(said, is_read)
        };
        // Who does not listen any more does not end the server.
        let _ = writeln!(io::stdout().lock(), "{line}");
    }
}

fn words(said: &Said, is_read: bool) -> String {
    match said {
        Said::Listening {
            url,
            address,
            login,
        } => {
            let mut text = format!("serving {url} (listening at {address})");
            // What is not read by a person may be kept where others read it.
            if let Some(login) = login.as_ref().filter(|_| is_read) {
                text.push_str("\nlog in as the operator: ");
                text.push_str(login);
            }
            text
        }
        Said::StandsBy { address, by } => {
            format!("standing by (listening at {address}): {by} leads")
        }
        Said::Changed { change, url } => {
            let at = url
                .as_ref()
                .map(|url| format!(" at {url}"))
                .unwrap_or_default();
            let text = format!("{}: {}{at} ({})", change.id, state(change), change.why);
            one_line(&text)
        }
        Said::Swept(what) | Said::Mended(what) => one_line(what),
        Said::Reloaded => "the configuration was read again".to_owned(),
        Said::Warning(what) => one_line(&format!("warning: {what}")),
        Said::Ending => "ending; what runs goes on".to_owned(),
    }
}

fn object(said: &Said) -> Value {
    match said {
        Said::Listening { url, address, .. } => {
            json!({ "event": "listening", "url": url, "address": address })
        }
        Said::StandsBy { address, by } => {
            json!({ "event": "standing-by", "address": address, "by": by })
        }
        Said::Changed { change, url } => json!({
            "event": "changed",
            "number": change.number,
            "id": change.id,
            "environment": change.environment.as_deref(),
            "url": url,
            "why": change.why,
            "by": change.by,
        }),
        Said::Swept(what) => json!({ "event": "swept", "what": what }),
        Said::Reloaded => json!({ "event": "reloaded" }),
        Said::Warning(what) => json!({ "event": "warning", "message": what }),
        Said::Mended(what) => json!({ "event": "mended", "message": what }),
        Said::Ending => json!({ "event": "ending" }),
    }
}

/// Which branch or pull request it is, and how it is.
fn state(change: &Change) -> String {
    let Some(environment) = &change.environment else {
        return "gone".to_owned();
    };
    let place = &environment.revision.place;
    let commit = short(&environment.revision.commit);
    let phase = match environment.phase {
        Phase::Unapproved => "waiting for approval",
        other => other.name(),
    };
    match environment.phase {
        Phase::Failed => format!("{place} {commit} has failed"),
        _ => format!("{place} {commit} is {phase}"),
    }
}

/// In one line, and without what tells terminals what to do: some of it is what environments print.
fn one_line(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use boatyard_preview::time::Time;
    use boatyard_serve::feed::Change;
    use boatyard_serve::server::Said;

    use super::{object, words};

    #[test]
    fn what_environments_print_is_told_in_one_line_of_text() {
        let why = "its last lines:\nweb | \u{1b}[31mred\u{1b}[0m\nweb | \u{1b}]0;mine\u{7}done";
        let change = Change {
            number: 1,
            at: Time(0),
            id: "abcdefghijklmnop".parse().unwrap(),
            environment: None,
            was: None,
            why: why.to_owned(),
            by: "boatyard".to_owned(),
        };
        let changed = Said::Changed {
            change: Arc::new(change),
            url: None,
        };
        assert_eq!(object(&changed)["why"], why, "programs get it as it is");
        let swept = "a\u{1b}[2Jb\nc".to_owned();
        for (said, expected) in [
            (
                changed,
                "abcdefghijklmnop: gone (its last lines: | web | red | web | done)",
            ),
            (Said::Swept(swept.clone()), "ab | c"),
            (Said::Mended(swept.clone()), "ab | c"),
            (Said::Warning(swept), "warning: ab | c"),
        ] {
            assert_eq!(words(&said, true), expected);
        }
    }
}
