//! `depends_on`: what comes first, and what runs to its end.

use std::collections::BTreeSet;

use super::reader::{Reader, pairs};
use crate::yaml::Node;

/// Services that another one waits for until they have ended with success.
pub(super) fn completed(services: &[(Node, Node)]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, service) in services {
        for (key, value) in service
            .get("depends_on")
            .map(|node| pairs(&node))
            .unwrap_or_default()
        {
            if value.string("condition").as_deref() == Some("service_completed_successfully") {
                names.extend(key.text().map(str::to_owned));
            }
        }
    }
    names
}

/// The services that `service` waits for, by their names in the Compose file.
pub(super) fn waits_for(reader: &mut Reader<'_>, name: &str, service: &Node) -> Vec<String> {
    let Some(depends) = service.get("depends_on") else {
        return Vec::new();
    };
    let items = depends.items();
    let mut names: Vec<String> = items.iter().filter_map(|item| reader.word(item)).collect();
    for (key, value) in pairs(&depends) {
        names.extend(key.text().map(str::to_owned));
        for (setting, _) in pairs(&value) {
            // Ours always waits until what comes first is ready, or has ended where it is a job.
            if let Some(other) = setting.text().filter(|text| *text != "condition") {
                reader.left(
                    &setting,
                    format!("{other} in depends_on of {name}"),
                    "boatyard.toml says the order alone: after = [...]",
                );
            }
        }
    }
    names
}
