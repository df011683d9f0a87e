//! What a deploy would change, as `diff -u` shows it, or as JSON.

use boatyard_cluster::apply::{Applied, Change};
use boatyard_cluster::deploy::Done;
use boatyard_cluster::difference::texts;
use serde_json::json;
use similar::TextDiff;

use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Shows it.
pub fn show(done: &Done, namespace: &str, voice: &Voice) -> Result<(), Stopped> {
    if voice.json {
        let objects: Vec<_> = done
            .applied
            .iter()
            .map(|one| json!({"object": one.id.to_string(), "change": one.change(), "diff": unified(one)}))
            .collect();
        let names = |ids: &[boatyard_cluster::manifest::Id]| -> Vec<String> {
            ids.iter().map(ToString::to_string).collect()
        };
        return answer::json(&json!({
            "namespace": namespace, "jobs": names(&done.jobs), "objects": objects, "pruned": names(&done.pruned),
        }));
    }
    let jobs = done.jobs.iter().map(|id| format!("would run {id}\n"));
    let differs = |one: &&Applied| one.change() != Change::Unchanged;
    let changes = done.applied.iter().filter(differs).map(unified);
    let pruned = done.pruned.iter().map(|id| format!("would remove {id}\n"));
    let mut text: String = jobs.chain(changes).chain(pruned).collect();
    if text.is_empty() {
        text = format!("nothing would change in {namespace}\n");
    }
    answer::text(&text)
}

fn unified(applied: &Applied) -> String {
    let (before, after) = texts(applied);
    let old = if before.is_empty() {
        "/dev/null".to_owned()
    } else {
        format!("a/{}", applied.id)
    };
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(3)
        .header(&old, &format!("b/{}", applied.id))
        .to_string()
}
