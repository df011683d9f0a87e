//! Why packages cannot be found together.

use boatyard_plan::failure::{Failure, Fault};

/// Why a package was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Because {
    /// The user asked for it.
    Wanted,
    /// A package depends on it.
    Needed {
        /// That package's name.
        by: String,
    },
}

/// Why there is no set of packages that does what is wanted. `chain` is who wants it: first the package that has the
/// need, last the one the user asked for; empty if that is the same.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No package has that name.
    #[error("there is no Debian package named {name}")]
    Unknown {
        /// The name.
        name: String,
        /// Names that may have been meant.
        similar: Vec<String>,
    },
    /// A need that no package of the archive meets.
    #[error("no package of the archive is {wanted}{}", wanted_by(.chain))]
    Unsatisfiable {
        /// The alternatives.
        wanted: String,
        /// Who wants it.
        chain: Vec<String>,
    },
    /// Two packages that cannot be on one system.
    #[error("{name} cannot be installed together with {with}{}", wanted_by(.chain))]
    Conflict {
        /// The one that was to be added.
        name: String,
        /// The one that is there.
        with: String,
        /// Who wants the first.
        chain: Vec<String>,
    },
    /// The system has an older version than needed. Packages are added, never exchanged.
    #[error("the base has {name} {installed}, but {wanted} is needed{}", wanted_by(.chain))]
    Outdated {
        /// The package.
        name: String,
        /// The version that is there.
        installed: String,
        /// What is needed.
        wanted: String,
        /// Who wants it.
        chain: Vec<String>,
    },
}

fn wanted_by(chain: &[String]) -> String {
    if chain.is_empty() {
        return String::new();
    }
    format!(" (wanted by {})", chain.join(", which is wanted by "))
}

impl Failure for ResolveError {
    fn fault(&self) -> Fault {
        match self {
            Self::Unknown { .. } | Self::Conflict { .. } => Fault::User,
            Self::Unsatisfiable { .. } | Self::Outdated { .. } => Fault::Work,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { similar, .. } if !similar.is_empty() => {
                format!("did you mean {}?", similar.join(", "))
            }
            Self::Unknown { .. } => {
                "look for the name on https://packages.debian.org, or refresh the index".to_owned()
            }
            Self::Conflict { .. } => "leave one of the two out".to_owned(),
            Self::Unsatisfiable { .. } => {
                "refresh the index; a mirror that is half updated looks like this".to_owned()
            }
            Self::Outdated { .. } => {
                "make the base anew from the index that the packages come from".to_owned()
            }
        })
    }
}
