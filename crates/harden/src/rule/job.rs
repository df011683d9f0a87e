//! A Job as a document of its own, beside the workload that it takes work from.

use boatyard_plan::secret::is_secret;

use crate::edit::Edit;
use crate::kubernetes::{Container, Workload, literal_env, objects};
use crate::render::yaml::scalar::quote;
use crate::workspace::Workspace;
use crate::yaml::{Fresh, Node};

/// Fields of a pod that a Job of the same image needs, too. Volumes are another matter.
const OF_POD: [&str; 15] = [
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostUsers",
    "imagePullSecrets",
    "nodeSelector",
    "os",
    "priorityClassName",
    "runtimeClassName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "tolerations",
];
/// Fields of a container that say when it is well, or which of many it is.
const NOT_OF_JOB: [&str; 9] = [
    "args",
    "command",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "restartPolicy",
    "startupProbe",
];

/// Puts a Job with the image and the surroundings of `container` at the end of the file.
pub(super) fn job(
    workspace: &Workspace,
    workload: &Workload<'_>,
    container: &Container,
    words: &[String],
) -> Result<Edit, &'static str> {
    const UNCLEAR: &str =
        "what the Job would need is behind an alias, or is not a file of YAML documents";
    let text = workload.text();
    // JSON, a List, or a stream that has been ended.
    if workload.object.root.is_flow()
        || workload.object.root.aliased
        || text
            .lines()
            .any(|line| line.trim_end() == "..." || line.starts_with("kind: List"))
    {
        return Err(UNCLEAR);
    }
    let is_written = |name: &str, value: &Node| is_secret(name, value.text().unwrap_or_default());
    let mut literal = literal_env(&container.node).into_iter();
    if literal.any(|(name, value, _)| value.is_some_and(|value| is_written(&name, &value))) {
        return Err("a secret would be copied: mend M17 first");
    }
    let name = free(workspace, workload);
    let value = |node: &Node| Fresh::of(node).ok_or(UNCLEAR);
    let quoted = |text: &str| Fresh::plain(quote(text));
    let mut made = vec![("name".to_owned(), Fresh::plain("migrate"))];
    let mut mounted = Vec::new();
    for entry in container.node.entries() {
        let key = entry.key.text().ok_or(UNCLEAR)?;
        if !NOT_OF_JOB.contains(&key) {
            made.push((key.to_owned(), value(&entry.value)?));
        }
        if key == "volumeMounts" {
            let items = entry.value.items();
            mounted.extend(items.iter().filter_map(|mount| mount.string("name")));
        }
    }
    let command = words.iter().map(|word| quoted(word)).collect();
    let key = if container.node.entry("command").is_some() {
        "command"
    } else {
        "args"
    };
    let image = made.iter().position(|(key, _)| key == "image");
    made.insert(
        image.map_or(1, |at| at + 1),
        (key.to_owned(), Fresh::List(command)),
    );
    let mut pod = vec![("restartPolicy".to_owned(), Fresh::plain("Never"))];
    for entry in workload.pod.entries() {
        let key = entry.key.text().ok_or(UNCLEAR)?;
        if OF_POD.contains(&key) {
            pod.push((key.to_owned(), value(&entry.value)?));
        }
    }
    pod.push(("containers".to_owned(), Fresh::List(vec![Fresh::Map(made)])));
    let mut volumes = Vec::new();
    for volume in workload.pod.list("volumes") {
        if volume
            .string("name")
            .is_some_and(|name| mounted.contains(&name))
        {
            volumes.push(value(&volume)?);
            mounted.retain(|name| volume.string("name").as_ref() != Some(name));
        }
    }
    if !mounted.is_empty() {
        return Err("it writes to a volume that only its own pods have");
    }
    if !volumes.is_empty() {
        pod.push(("volumes".to_owned(), Fresh::List(volumes)));
    }
    let mut metadata = vec![("name".to_owned(), quoted(&name))];
    if !workload.object.namespace.is_empty() {
        metadata.push(("namespace".to_owned(), quoted(&workload.object.namespace)));
    }
    let when = Fresh::map([("boatyard.dev/when", Fresh::plain("before-deploy"))]);
    metadata.push(("annotations".to_owned(), when));
    let template = Fresh::map([("spec", Fresh::Map(pod))]);
    let spec = Fresh::map([
        ("backoffLimit", Fresh::plain(0)),
        ("activeDeadlineSeconds", Fresh::plain(3600)),
        ("ttlSecondsAfterFinished", Fresh::plain(86_400)),
        ("template", template),
    ]);
    let lead = if text.ends_with('\n') { "" } else { "\n" };
    let document = format!(
        "{lead}---\n# \"boatyard deploy\" waits for it before it rolls out. With other tools: run it first, and give it another name each time.\n\
         apiVersion: batch/v1\nkind: Job\n{}\n{}\n",
        Fresh::Map(metadata).block("metadata", 0),
        spec.block("spec", 0),
    );
    Ok(Edit::insert(workload.file(), text.len(), document))
}

/// A name for the Job that no object here has.
fn free(workspace: &Workspace, workload: &Workload<'_>) -> String {
    let name = format!("{}-migrate", workload.object.name);
    let all = objects(workspace);
    let taken = |name: &str| {
        let mut jobs = all.iter().filter(|object| object.kind == "Job");
        jobs.any(|object| object.name == name)
    };
    let mut number = 1;
    let mut found = name.clone();
    while taken(&found) {
        number += 1;
        found = format!("{name}-{number}");
    }
    found
}
