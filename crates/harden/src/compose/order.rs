//! `depends_on`: what comes first, and what runs to its end.

use std::collections::{BTreeMap, BTreeSet};

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

/// Who waits for whom, as far as it has been taken over; there is no circle in it.
#[derive(Debug, Default)]
pub(super) struct Order {
    after: BTreeMap<String, BTreeSet<String>>,
}

impl Order {
    /// Of `wanted`, what `name` can wait for: what closes a circle is noted, for none of its services could ever start.
    pub(super) fn take(
        &mut self,
        reader: &mut Reader<'_>,
        name: &str,
        service: &Node,
        wanted: Vec<String>,
    ) -> Vec<String> {
        let mut taken = Vec::new();
        for other in wanted {
            if !self.leads(&other, name) {
                let after = self.after.entry(name.to_owned()).or_default();
                after.insert(other.clone());
                taken.push(other);
            } else if let Some(node) = service.get("depends_on") {
                reader.left(
                    &node,
                    format!("{name} waits for {other}"),
                    "they wait for each other: none of them could ever start",
                );
            }
        }
        taken
    }

    /// Whether `from` is `to`, or waits for it in the end.
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::from([from]);
        let mut next = vec![from];
        while let Some(name) = next.pop() {
            if name == to {
                return true;
            }
            let after = self.after.get(name).into_iter().flatten();
            next.extend(after.map(String::as_str).filter(|other| seen.insert(other)));
        }
        false
    }
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
