//! What a container is given.

use boatyard_plan::project::Resources;

use super::object::Frame;
use super::values;
use crate::render::yaml::{Map, Tree};

/// Processors that are kept for a process of which nothing is known.
const CPU: &str = "100m";
/// Memory that is kept for it.
const MEMORY: &str = "128Mi";
/// Memory that it may use at most: some workers of a web application.
const MEMORY_LIMIT: &str = "512Mi";

/// `resources` of the container of a role, a job or a schedule; `path` is its place in the values of a chart.
pub(super) fn of(frame: &Frame<'_>, said: &Resources, path: &[&str; 2]) -> Map {
    let quantity = |text: &str, kind: &str, what: &str| -> Tree {
        if frame.is_chart() {
            values::text(text, &[path[0], path[1], "resources", kind, what])
        } else {
            text.into()
        }
    };
    let limits = Map::new()
        .maybe(
            "cpu",
            said.cpu_limit
                .as_deref()
                .map(|cpu| quantity(cpu, "limits", "cpu")),
        )
        .set("memory", quantity(memory_limit(said), "limits", "memory"));
    Map::new()
        .because(
            "what the scheduler keeps for it",
            "requests",
            Map::new()
                .set("cpu", quantity(cpu(said), "requests", "cpu"))
                .set("memory", quantity(memory(said), "requests", "memory")),
        )
        .because(
            match said.cpu_limit {
                Some(_) => "what it may use at most",
                None => "a leak ends in this container; processors that nobody needs may be used",
            },
            "limits",
            limits,
        )
}

/// The same as values of a chart.
pub(super) fn values(said: &Resources) -> Map {
    Map::new()
        .set(
            "requests",
            Map::new().set("cpu", cpu(said)).set("memory", memory(said)),
        )
        .set(
            "limits",
            Map::new()
                .maybe("cpu", said.cpu_limit.as_deref())
                .set("memory", memory_limit(said)),
        )
}

fn cpu(said: &Resources) -> &str {
    // A request above the limit is refused.
    said.cpu
        .as_deref()
        .or(said.cpu_limit.as_deref())
        .unwrap_or(CPU)
}

fn memory(said: &Resources) -> &str {
    said.memory
        .as_deref()
        .or(said.memory_limit.as_deref())
        .unwrap_or(MEMORY)
}

fn memory_limit(said: &Resources) -> &str {
    said.memory_limit
        .as_deref()
        .or(said.memory.as_deref())
        .unwrap_or(MEMORY_LIMIT)
}
