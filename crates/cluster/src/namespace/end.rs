//! Removing a namespace.

use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt as _;
use kube::api::{Api, DeleteParams, Preconditions};

use super::error::Error;
use super::objects::SERVER;
use super::settle::read;
use crate::apply::absent;
use crate::connect::Cluster;

/// How often it is looked at while it goes, at most.
const LOOK: Duration = Duration::from_millis(250);
/// How long it may take: pods have their grace.
const PATIENCE: Duration = Duration::from_secs(300);

/// Removes a namespace that `server` keeps with all that is in it, and returns when it is gone. One of somebody else is none of ours.
/// It is looked at again when `heard` has returned.
pub async fn remove<Heard: Future>(
    cluster: &Cluster,
    namespace: &str,
    server: &str,
    heard: impl Fn() -> Heard,
) -> Result<(), Error> {
    let api = Api::<Namespace>::all(cluster.client());
    let begin = Instant::now();
    let mut first = None;
    loop {
        let Some(there) = read(cluster, namespace).await? else {
            return Ok(());
        };
        let is_ours = there.labels().get(SERVER).is_some_and(|of| of == server);
        // Another one of that name is not what was to go.
        if !is_ours || *first.get_or_insert_with(|| there.uid()) != there.uid() {
            return Ok(());
        }
        if there.metadata.deletion_timestamp.is_none() {
            let params = DeleteParams::background().preconditions(Preconditions {
                uid: there.uid(),
                ..Preconditions::default()
            });
            let doing = format!("remove Namespace/{namespace}");
            let asked = async || match absent(api.delete(namespace, &params).await) {
                // Another one of that name by now: it is looked at again.
                Err(kube::Error::Api(status)) if status.is_conflict() => Ok(()),
                other => other,
            };
            cluster.calls().call(doing, asked).await?;
        } else if begin.elapsed() > PATIENCE {
            return Err(Error::Stays {
                namespace: namespace.to_owned(),
                waited: begin.elapsed(),
                why: why(&there),
            });
        }
        tokio::time::sleep(LOOK).await;
        heard().await;
    }
}

/// What the cluster says of one that does not go: which finalizers it waits for, what could not be removed.
fn why(there: &Namespace) -> String {
    let status = there.status.iter();
    let conditions = status.flat_map(|status| status.conditions.iter().flatten());
    let said: Vec<String> = conditions
        .filter(|one| one.status == "True")
        .filter_map(|one| one.message.clone())
        .collect();
    if said.is_empty() {
        "the cluster does not say why".to_owned()
    } else {
        said.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::why;

    #[test]
    fn what_is_in_the_way_is_told() {
        let there = serde_json::from_value(json!({
            "metadata": {"name": "a"},
            "status": {"conditions": [
                {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "all went", "reason": "a"},
                {"type": "NamespaceFinalizersRemaining", "status": "True", "reason": "b",
                 "message": "Some content in the namespace has finalizers remaining: example.org/hold in 1 resource instances"},
            ]},
        }));
        let why = why(&there.unwrap());
        assert!(
            why.starts_with("Some content") && why.contains("example.org/hold"),
            "{why}"
        );
    }
}
