//! What the tests deploy.

use std::sync::Mutex;
use std::time::Duration;

use boatyard_cluster::deploy::{Done, Error, Event, Stop, Terms, deploy};
use boatyard_cluster::wait::Patience;
use boatyard_cluster::{Cluster, Manifest, Owner};
use boatyard_kubetest::Namespace;

/// The namespace as the crate sees it.
pub fn cluster(namespace: &Namespace<'_>) -> Cluster {
    Cluster::of(namespace.client(), namespace.name())
}

/// The project of the tests.
pub fn owner() -> Owner {
    Owner::new("shop")
}

/// Manifests from YAML.
pub fn manifests(text: &str) -> Vec<Manifest> {
    Manifest::read(text, "the test").expect("the test's YAML is right")
}

/// A role with one container.
pub fn role(name: &str, image: &str) -> String {
    role_with(name, image, "{}")
}

/// A role whose container asks for `resources`.
pub fn role_with(name: &str, image: &str, resources: &str) -> String {
    format!(
        "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
      - {{name: {name}, image: {image}, resources: {resources}}}
"
    )
}

/// A configuration of one value.
pub fn configuration(name: &str, value: &str) -> String {
    format!(
        "---
apiVersion: v1
kind: ConfigMap
metadata: {{name: {name}}}
data: {{key: {value}}}
"
    )
}

/// A job that runs at its moment.
pub fn job(name: &str, when: &str) -> String {
    format!(
        "---
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  annotations: {{boatyard.dev/when: {when}}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - {{name: {name}, image: shop}}
"
    )
}

/// Long enough for a busy machine; what fails for good is not waited for.
pub const PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(120),
    trouble: Duration::from_secs(2),
};

/// Deploys, and what was told meanwhile.
pub async fn deployed(
    namespace: &Namespace<'_>,
    text: &str,
    patience: Patience,
) -> (Result<Done, Error>, Vec<String>) {
    deployed_to(&cluster(namespace), text, patience).await
}

/// As [`deployed`], with the rights that `here` has.
pub async fn deployed_to(
    here: &Cluster,
    text: &str,
    patience: Patience,
) -> (Result<Done, Error>, Vec<String>) {
    let terms = Terms {
        me: "the test".to_owned(),
        lock: Duration::from_secs(60),
        patience,
        force: false,
        begin: None,
        stop: Stop::default(),
    };
    let told = Mutex::new(Vec::new());
    let tell = |event: &Event<'_>| {
        let line = match event {
            Event::Waits { holder } => format!("waits for {holder}"),
            Event::Applied(applied) => format!("{:?} {}", applied.change(), applied.id),
            Event::Job(id) => format!("job {id}"),
            Event::Pruned(id) => format!("pruned {id}"),
            Event::Undoes { to_record } => format!("undoes, to record: {to_record}"),
            Event::Progress(..) => return,
        };
        told.lock().expect("no panic inside").push(line);
    };
    let done = deploy(here, &owner(), manifests(text), &terms, &tell).await;
    (done, told.into_inner().expect("no panic inside"))
}

/// An error with its causes, as a person sees it.
pub fn in_words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}\n{cause}");
        next = cause.source();
    }
    text
}
