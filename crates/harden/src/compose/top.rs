//! What stands beside `services` in the file.

use super::reader::{Reader, pairs};
use crate::yaml::Node;

/// Notes what of it is not carried over.
pub(super) fn look(reader: &mut Reader<'_>, root: &Node) {
    for (key, value) in pairs(root) {
        let text = key.text().unwrap_or_default();
        match text {
            "include" | "name" | "services" | "version" => {}
            "volumes" | "networks" if value.is_null() => {}
            "volumes" => {
                // Whose volume it is stands with its service; what it is made of stands here.
                for (name, settings) in pairs(&value) {
                    if !pairs(&settings).is_empty() {
                        let name = name.text().unwrap_or_default();
                        reader.left(
                            &settings,
                            format!("settings of the volume {name}"),
                            "a volume of a backing service has none",
                        );
                    }
                }
            }
            "networks" => reader.left(
                &key,
                "networks",
                "the processes of a project have one network",
            ),
            "secrets" | "configs" => {
                reader.left(&key, text, "give them where the application runs");
            }
            _ if text.starts_with("x-") => {}
            _ => reader.left(&key, text, "a boatyard.toml has nothing like it"),
        }
    }
}
