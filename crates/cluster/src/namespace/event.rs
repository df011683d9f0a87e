//! What happens to an environment, for whoever looks at its namespace: `kubectl get events -n NAMESPACE`.

use jiff::Timestamp;
use k8s_openapi::api::events::v1::Event;
use kube::api::PostParams;
use serde_json::{Value, json};

use crate::connect::Cluster;
use crate::refusal::Refusal;

/// Who tells.
const TELLER: &str = "boatyard.dev/serve";
/// How long a note may be, in bytes (Kubernetes, `events.k8s.io/v1`).
const NOTE: usize = 1024;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// What, as one word for programs: `Prepared`.
    pub reason: &'static str,
    /// What was done: `Prepare`.
    pub action: &'static str,
    /// In words for people.
    pub note: String,
    /// Whether somebody should look.
    pub is_bad: bool,
}

/// Writes it into the cluster's namespace, as an event about the namespace. Once: nothing waits for it, and who misses it finds
/// more in the record. `teller`: which server.
///
/// # Errors
///
/// If the cluster does not take it: one that is being removed takes nothing new.
///
/// # Panics
///
/// Not in practice: it has what events have.
pub async fn happened(
    cluster: &Cluster,
    teller: &str,
    happening: &Happening,
) -> Result<(), Refusal> {
    let event = object(cluster.namespace(), teller, happening, Timestamp::now());
    let event: Event = serde_json::from_value(event).expect("it has what events have");
    let (api, params) = (cluster.api::<Event>(), PostParams::default());
    let doing = format!("tell of {}", happening.reason);
    let asked = cluster.calls().once(doing, api.create(&params, &event));
    asked.await.map(drop)
}

/// An event about a namespace is in it only if it says that what it is about is in it.
fn object(namespace: &str, teller: &str, happening: &Happening, now: Timestamp) -> Value {
    let Happening {
        reason,
        action,
        note,
        is_bad,
    } = happening;
    let time = jiff::fmt::strtime::format("%Y-%m-%dT%H:%M:%S%.6fZ", now);
    json!({
        "metadata": {"generateName": format!("{namespace}-"), "namespace": namespace},
        "eventTime": time.expect("a time has these parts"),
        "type": if *is_bad { "Warning" } else { "Normal" },
        "reason": reason, "action": action, "note": cut(note),
        "regarding": {"apiVersion": "v1", "kind": "Namespace", "name": namespace, "namespace": namespace},
        "reportingController": TELLER, "reportingInstance": teller,
    })
}

/// As much of a note as there is room for.
fn cut(note: &str) -> &str {
    let mut end = NOTE.min(note.len());
    while !note.is_char_boundary(end) {
        end -= 1;
    }
    &note[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_room() {
        assert_eq!(cut("short"), "short");
        let long = "ä".repeat(NOTE);
        assert_eq!(cut(&long).len(), NOTE);
        let odd = format!("x{long}");
        assert_eq!(cut(&odd).len(), NOTE - 1);
    }

    #[test]
    fn it_is_what_the_api_has() {
        let happening = Happening {
            reason: "Prepared",
            action: "Prepare",
            note: "as it should be".to_owned(),
            is_bad: false,
        };
        let now = Timestamp::from_microsecond(1_500_000).unwrap();
        let event = object("boatyard-a", "boatyard", &happening, now);
        assert_eq!(event["eventTime"], "1970-01-01T00:00:01.500000Z");
        let event: Event = serde_json::from_value(event).unwrap();
        assert_eq!(event.type_.as_deref(), Some("Normal"));
        assert_eq!(
            event.regarding.unwrap().namespace.as_deref(),
            Some("boatyard-a")
        );
    }
}
