//! What is left in the layers of an image, where nothing uses it.

use super::Rule;
use crate::image::What;
use crate::report::Report;
use crate::workspace::Workspace;

/// Tells of each `what` that was found in an image.
pub(super) fn left(rule: &'static Rule, what: &What, workspace: &Workspace, report: &mut Report) {
    let called = match what {
        What::SystemCache => "lists and downloads of the package manager",
        _ => "downloads of an installer",
    };
    for (document, found) in workspace.found().filter(|(_, found)| found.what == *what) {
        let message = format!("{called}: {} bytes in {} files", found.size, found.count);
        report.add(rule, &document.path, 0..document.text.len(), message);
    }
}
