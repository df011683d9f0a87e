//! One object.

use boatyard_plan::digest::Digest;
use boatyard_plan::project::{Project, Role};

use super::label;
use super::options::{Form, Options, Platform};
use crate::render::yaml::{Map, Tree};

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// All of it.
    pub map: Map,
    /// The condition of a chart under which it is there; none: always.
    pub when: Option<String>,
}

/// What objects of a project have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// The project.
    pub project: &'a Project,
    /// What it does not say.
    pub options: &'a Options,
}

impl<'a> Frame<'a> {
    /// An object without its content; of the whole project without a component.
    pub fn object(
        &self,
        version: &str,
        kind: &'static str,
        name: String,
        component: Option<&str>,
    ) -> Object {
        self.placed(version, kind, name, component, self.namespace())
    }

    /// One that is in no namespace.
    pub fn object_everywhere(
        &self,
        version: &str,
        kind: &'static str,
        name: String,
        component: Option<&str>,
    ) -> Object {
        self.placed(version, kind, name, component, None)
    }

    fn placed(
        &self,
        version: &str,
        kind: &'static str,
        name: String,
        component: Option<&str>,
        namespace: Option<&str>,
    ) -> Object {
        let metadata = Map::new()
            .set("name", &name)
            .maybe("namespace", namespace)
            .set("labels", label::all(self, component));
        let map = Map::new()
            .set("apiVersion", version)
            .set("kind", kind)
            .set("metadata", metadata);
        Object {
            kind,
            name,
            map,
            when: None,
        }
    }

    /// The namespace that is written into objects. Kustomizations and charts have another place for it.
    fn namespace(&self) -> Option<&'a str> {
        match self.options.form {
            Form::Plain => self.wanted_namespace(),
            Form::Kustomize | Form::Helm => None,
        }
    }

    /// The namespace that is wished for.
    pub fn wanted_namespace(&self) -> Option<&'a str> {
        let said = self.options.namespace.as_deref();
        said.or(self.project.deploy.namespace.as_deref())
    }

    /// What `kubectl` is told of the namespace, with a space before it; nothing where none is known.
    pub fn namespace_flag(&self) -> String {
        let wanted = self.wanted_namespace();
        wanted.map_or_else(String::new, |namespace| format!(" -n {namespace}"))
    }

    /// The digest of the image of `service`, if it is known.
    pub fn digest(&self, service: &str) -> Option<&'a Digest> {
        self.options.digests.get(service)
    }

    /// Whether the cluster is `OpenShift`.
    pub fn is_openshift(&self) -> bool {
        self.options.platform == Platform::Openshift
    }

    /// Whether a chart is made.
    pub fn is_chart(&self) -> bool {
        self.options.form == Form::Helm
    }

    /// The service whose image has `role`.
    pub fn service_of(&self, role: &Role) -> &'a str {
        let mut services = self.project.services.iter();
        let service = services.find(|service| service.roles.contains(&role.name));
        let service = service.expect("every role was found in a service when the project was read");
        &service.name
    }
}

impl Object {
    /// With `key` at its end.
    pub fn with(mut self, key: &str, value: Map) -> Self {
        self.map = self.map.set(key, value);
        self
    }

    /// With annotations.
    pub fn annotated(mut self, annotations: &Map) -> Self {
        for entry in &mut self.map.entries {
            if entry.key == "metadata"
                && let Tree::Map(metadata) = &mut entry.value
            {
                let own = std::mem::take(metadata);
                *metadata = own.set("annotations", annotations.clone());
            }
        }
        self
    }

    /// In a chart, there only under this condition.
    pub fn when(mut self, condition: String) -> Self {
        self.when = Some(condition);
        self
    }

    /// The name of its file.
    pub fn file(&self) -> String {
        format!("{}-{}.yaml", self.kind.to_ascii_lowercase(), self.name)
    }
}
