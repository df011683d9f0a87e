//! Whose objects are whose.

/// The label of everything that a project has on a cluster: what carries it and is no longer in the project goes.
pub const PROJECT: &str = "boatyard.dev/project";
/// The label of everything that we have made, and of its pods: that we have.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Who we are in `managedFields` (server-side apply).
pub const FIELD_MANAGER: &str = "boatyard";

/// The project that objects belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    project: String,
}

impl Owner {
    /// The project of this name.
    pub fn new(project: &str) -> Self {
        Self {
            project: project.to_owned(),
        }
    }

    /// The project's name.
    pub fn project(&self) -> &str {
        &self.project
    }

    /// What its objects carry.
    pub fn labels(&self) -> [(&str, &str); 2] {
        [(PROJECT, &self.project), (MANAGED_BY, FIELD_MANAGER)]
    }

    /// What finds them.
    pub fn selector(&self) -> String {
        format!("{PROJECT}={}", self.project)
    }
}
