//! What rules about manifests share: where a setting goes.

use crate::edit::Edit;
use crate::finding::Finding;
use crate::kubernetes::{Container, Workload};
use crate::yaml::{Fresh, Node, edit};

/// Why no edit is given where a place is shared or written in a way that is not edited.
pub(super) const SHARED: &str =
    "the place is reached by an alias, or written in a way that is not edited";

/// Sets a path of keys below `node`, making what is not there.
pub(super) fn set_path(
    file: &str,
    text: &str,
    node: &Node,
    path: &[&str],
    value: &Fresh,
) -> Option<Edit> {
    let (first, rest) = path.split_first()?;
    if rest.is_empty() {
        return edit::set(file, text, node, first, value);
    }
    match node.get(first) {
        Some(next) if next.is_mapping() => set_path(file, text, &next, rest, value),
        Some(next) if !next.is_null() => None,
        _ => {
            let whole = rest
                .iter()
                .rev()
                .fold(value.clone(), |inner, key| Fresh::map([(key, inner)]));
            edit::set(file, text, node, first, &whole)
        }
    }
}

/// Gives `edit` as safe, or says why there is none.
pub(super) fn offer(finding: &mut Finding, edit: Option<Edit>, safe: bool) {
    match edit {
        Some(edit) if safe => {
            finding.safe([edit]);
        }
        Some(edit) => {
            finding.suggested([edit]);
        }
        None => {
            finding.refuse(SHARED);
        }
    }
}

/// Sets a field of a container's `securityContext`.
pub(super) fn secure(
    workload: &Workload<'_>,
    container: &Container,
    path: &[&str],
    value: &Fresh,
) -> Option<Edit> {
    let whole: Vec<&str> = std::iter::once("securityContext")
        .chain(path.iter().copied())
        .collect();
    set_path(
        workload.file(),
        workload.text(),
        &container.node,
        &whole,
        value,
    )
}

/// `app` and `registry/app:1` are called so in messages.
pub(super) fn called(container: &Container) -> String {
    let name = container.name();
    if name.is_empty() {
        "a container".to_owned()
    } else {
        name
    }
}
