//! Events of a deploy as lines of a log. Pure.

use serde::Deserialize;

/// What `boatyard deploy --json` tells besides what builds tell.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Waits { holder: String },
    Applied { object: String, change: String },
    Job { object: String },
    Progress(Progress),
    Pruned { object: String },
    Undoes { to_record: bool },
    Deployed { namespace: String, objects: u64 },
}

#[derive(Deserialize)]
struct Progress {
    object: String,
    done: bool,
    how_far: Option<String>,
    trouble: Option<Trouble>,
}

#[derive(Deserialize)]
struct Trouble {
    message: String,
}

/// What a line of `boatyard deploy --json` says to people, if it is one; an empty one is not worth a line.
pub(super) fn of(line: &str) -> Option<String> {
    Some(said(serde_json::from_str(line).ok()?))
}

/// Whether a line says that something of what is deployed is on the cluster.
pub(super) fn begins(line: &str) -> bool {
    let is_begun = |event: &Event| !matches!(event, Event::Waits { .. });
    serde_json::from_str(line).is_ok_and(|event| is_begun(&event))
}

fn said(event: Event) -> String {
    match event {
        Event::Waits { holder } => format!("waiting for {holder}, who is deploying it"),
        Event::Applied { change, .. } if change == "unchanged" => String::new(),
        Event::Applied { object, change } => format!("{change} {object}"),
        Event::Job { object } => format!("running {object}"),
        Event::Progress(Progress {
            object, done: true, ..
        }) => format!("{object} is ready"),
        Event::Progress(Progress {
            object,
            how_far,
            trouble,
            ..
        }) => {
            let why = trouble.map(|trouble| format!(": {}", trouble.message.trim_end()));
            let (far, why) = (how_far.unwrap_or_default(), why.unwrap_or_default());
            format!("{object}: {far}{why}")
        }
        Event::Pruned { object } => format!("removed {object}"),
        Event::Undoes { to_record: true } => "it failed: going back to what was there".to_owned(),
        Event::Undoes { to_record: false } => "it failed: removing what it made".to_owned(),
        Event::Deployed { namespace, objects } => {
            format!("deployed to {namespace}: {objects} objects")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn events_become_lines() {
        for (line, expected) in [
            (
                r#"{"event":"applied","object":"Deployment/shop-web","change":"created"}"#,
                Some("created Deployment/shop-web"),
            ),
            (
                r#"{"event":"applied","object":"Service/a","change":"unchanged"}"#,
                Some(""),
            ),
            (
                r#"{"event":"job","object":"Job/migrate"}"#,
                Some("running Job/migrate"),
            ),
            (
                r#"{"event":"progress","object":"Job/migrate","done":true}"#,
                Some("Job/migrate is ready"),
            ),
            (
                r#"{"event":"progress","object":"Deployment/a","done":false,"how_far":"0 of 1 ready",
                   "trouble":{"kind":"quota","pod":null,"container":null,"message":"exceeded quota"}}"#,
                Some("Deployment/a: 0 of 1 ready: exceeded quota"),
            ),
            (
                r#"{"event":"undoes","to_record":false}"#,
                Some("it failed: removing what it made"),
            ),
            (
                r#"{"event":"log","process":"web","stream":"out","line":"hello"}"#,
                None,
            ),
            ("no event", None),
        ] {
            assert_eq!(of(line).as_deref(), expected, "{line}");
        }
    }
}
