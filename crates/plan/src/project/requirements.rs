//! The Python dependencies of a project, and what installs them.

use serde::{Deserialize, Serialize};

/// Where Python dependencies come from. Paths are relative to the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Requirements {
    /// requirements.txt files, with hashes or not.
    Files {
        /// The files.
        files: Vec<String>,
        /// Constraint files.
        constraints: Vec<String>,
    },
    /// pyproject.toml: its dependencies (not the project itself), with extras and groups.
    Pyproject {
        /// The file.
        file: String,
        /// Extras.
        extras: Vec<String>,
        /// Dependency groups (PEP 735).
        groups: Vec<String>,
        /// Constraint files.
        constraints: Vec<String>,
    },
    /// uv.lock beside pyproject.toml.
    Lock {
        /// The lock file.
        file: String,
        /// Extras.
        extras: Vec<String>,
        /// Dependency groups.
        groups: Vec<String>,
    },
    /// A release from the Python index, as `name[extra]==1.2`, or a wheel.
    Release {
        /// The requirement as the installer takes it.
        requirement: String,
        /// Constraint files.
        constraints: Vec<String>,
        /// Folders with wheels and archives that come before those of the index.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        find_links: Vec<String>,
    },
}

impl Requirements {
    /// Files that decide what is installed, relative to the project; those of a release may be anywhere. Folders of
    /// wheels are not among them.
    pub fn files(&self) -> Vec<String> {
        match self {
            Self::Files { files, constraints } => [files.as_slice(), constraints].concat(),
            Self::Pyproject {
                file, constraints, ..
            } => [std::slice::from_ref(file), constraints.as_slice()].concat(),
            Self::Lock { file, .. } => {
                let pyproject = match file.rsplit_once('/') {
                    Some((folder, _)) => format!("{folder}/pyproject.toml"),
                    None => "pyproject.toml".to_owned(),
                };
                vec![pyproject, file.clone()]
            }
            Self::Release {
                requirement,
                constraints,
                ..
            } => {
                let path = requirement.split('[').next().unwrap_or(requirement);
                let wheel = path.starts_with(['.', '/']).then(|| path.to_owned());
                wheel
                    .into_iter()
                    .chain(constraints.iter().cloned())
                    .collect()
            }
        }
    }
}

/// What installs Python dependencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Installer {
    /// uv, and pip where uv cannot be had.
    #[default]
    Uv,
    /// pip.
    Pip,
}
