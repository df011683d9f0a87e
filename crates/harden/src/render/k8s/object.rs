//! One object.

use boatyard_plan::project::Project;

use super::label;
use super::options::Options;
use crate::render::yaml::Map;

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// All of it.
    pub map: Map,
}

/// What objects of a project have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// The project.
    pub project: &'a Project,
    /// What it does not say.
    pub options: &'a Options,
}

impl Frame<'_> {
    /// An object without its content.
    pub fn object(
        &self,
        version: &str,
        kind: &'static str,
        name: String,
        component: Option<&str>,
    ) -> Object {
        let metadata = Map::new()
            .set("name", &name)
            .maybe("namespace", self.options.namespace.as_ref())
            .set("labels", label::all(self.project, self.options, component));
        let map = Map::new()
            .set("apiVersion", version)
            .set("kind", kind)
            .set("metadata", metadata);
        Object { kind, name, map }
    }
}

impl Object {
    /// With `key` at its end.
    pub fn with(mut self, key: &str, value: Map) -> Self {
        self.map = self.map.set(key, value);
        self
    }

    /// The name of its file.
    pub fn file(&self) -> String {
        format!("{}-{}.yaml", self.kind.to_ascii_lowercase(), self.name)
    }
}
