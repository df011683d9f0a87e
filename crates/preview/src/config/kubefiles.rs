//! Kubefiles: manifests that a team brings itself, as runboat has them.

use std::collections::BTreeMap;

use super::Source;

/// With which kubefiles environments are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kubefiles {
    /// Where they are; none: where the server's own are.
    pub folder: Option<Folder>,
    /// The image of an environment; `{commit}` in it is the commit. None: that of the server.
    pub image: Option<String>,
    /// Variables of its processes, `build_env` in templates.
    pub env: BTreeMap<String, String>,
    /// Those that nobody is to see, `build_secret_env`; environments of strangers have none of them.
    pub secret_env: BTreeMap<String, Source>,
    /// What else templates want, `build_template_vars`.
    pub variables: BTreeMap<String, String>,
    /// Whether a job cleans up before an environment is taken away; none: as the server says.
    pub cleanup: Option<bool>,
}

/// Where kubefiles are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folder {
    /// On the machine of the server; a relative one is beside the configuration.
    Server(String),
    /// In the repository: those of the commit.
    Repository(String),
}

/// The kubefiles of a server, and where it deploys them to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Builds {
    /// What holds where a repository says nothing else.
    pub kubefiles: Kubefiles,
    /// The namespace of all environments; none: each has one of its own.
    pub namespace: Option<String>,
    /// Whether builds of runboat that are there are taken over.
    pub adopt: bool,
}

impl Kubefiles {
    /// These, and where they say nothing `other`; variables of both.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.folder = self.folder.or_else(|| other.folder.clone());
        self.image = self.image.or_else(|| other.image.clone());
        self.cleanup = self.cleanup.or(other.cleanup);
        for (name, value) in &other.env {
            self.env
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        for (name, value) in &other.secret_env {
            self.secret_env
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        for (name, value) in &other.variables {
            self.variables
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        self
    }
}
