//! What an account has asked the API server for.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::cluster::Cluster;

/// A right that somebody has used: a verb, and a kind in plural with its group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used {
    /// The group of the kind; empty: that of pods.
    pub group: String,
    /// The kind, and the part of it that was asked for: `pods/log`.
    pub resource: String,
    /// What was done with it.
    pub verb: String,
}

impl Cluster {
    /// The rights that an account of a namespace has used so far, and those that it lacked.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or has written down nothing.
    pub fn used(&self, namespace: &str, account: &str) -> BTreeSet<Used> {
        let asked = self.asked(namespace, account);
        let used = asked.iter().flat_map(|event| {
            let used = of(event);
            // What is made by applying it needs the right to make it, too; so does a connection to a pod, since 1.35.
            let part = event["objectRef"]["subresource"].as_str();
            let is_way = matches!(part, Some("attach" | "exec" | "portforward"));
            let is_new = event["verb"] == "patch" && event["responseStatus"]["code"] == 201;
            let is_made = is_new || is_way;
            let verb = "create".to_owned();
            let made = used.clone().filter(|_| is_made);
            let made = made.map(|used| Used { verb, ..used });
            used.into_iter().chain(made)
        });
        used.collect()
    }

    /// What an account of a namespace has asked for and may not, in words of the API server.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or has written down nothing.
    pub fn refused(&self, namespace: &str, account: &str) -> Vec<String> {
        let asked = self.asked(namespace, account).into_iter();
        let refused = asked.filter(|event| {
            let said = &event["responseStatus"];
            // What is going takes nothing new, whoever asks.
            let why = said["message"].as_str().unwrap_or_default();
            said["code"] == 403 && !why.contains("being terminated")
        });
        refused
            .map(|event| {
                let said = &event["responseStatus"]["message"];
                format!("{} {}: {said}", event["verb"], event["requestURI"])
            })
            .collect()
    }

    /// What an account of a namespace has shown so far to be known by, each with a name of its own.
    ///
    /// # Panics
    ///
    /// If the cluster is not ours, or has written down nothing.
    pub fn credentials(&self, namespace: &str, account: &str) -> BTreeSet<String> {
        let asked = self.asked(namespace, account).into_iter();
        let names = asked.map(|event| {
            let more = &event["user"]["extra"];
            more["authentication.kubernetes.io/credential-id"][0].to_string()
        });
        names.collect()
    }

    fn asked(&self, namespace: &str, account: &str) -> Vec<Value> {
        let user = format!("system:serviceaccount:{namespace}:{account}");
        let path = self.audit().expect("the cluster is ours");
        let text = fs::read_to_string(path).expect("it is written down");
        let events = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events
            .filter(|event| event["user"]["username"] == user.as_str())
            .collect()
    }
}

/// What is about no kind, such as the version of the server, everybody may.
fn of(event: &Value) -> Option<Used> {
    let about = event["objectRef"].as_object()?;
    let text = |key: &str| about.get(key).and_then(Value::as_str).unwrap_or_default();
    let part = text("subresource");
    let slash = if part.is_empty() { "" } else { "/" };
    Some(Used {
        group: text("apiGroup").to_owned(),
        resource: format!("{}{slash}{part}", text("resource")),
        verb: event["verb"].as_str()?.to_owned(),
    })
    .filter(|used| !used.resource.is_empty())
}
