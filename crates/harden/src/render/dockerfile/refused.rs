//! What a Dockerfile cannot say.

use boatyard_plan::failure::{Failure, Fault};

/// Why there is no Dockerfile of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The base is none that another engine can start from.
    Base {
        /// What it is.
        what: &'static str,
    },
    /// Packages come from more places than Debian's archive.
    Repositories,
    /// The requirements are of a release.
    Release,
    /// The value of a variable has several lines.
    Lines {
        /// The variable.
        name: String,
    },
    /// The project has no such service.
    Service {
        /// What was asked for.
        name: String,
    },
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Base { what } => write!(f, "no Dockerfile can start from {what}"),
            Self::Repositories => {
                write!(f, "a Dockerfile of [[image.repository]] is not made yet")
            }
            Self::Release => write!(f, "a Dockerfile of a release is not made yet"),
            Self::Lines { name } => {
                write!(
                    f,
                    "the variable {name} has several lines, which ENV cannot say"
                )
            }
            Self::Service { name } => write!(f, "the project has no service called \"{name}\""),
        }
    }
}

impl std::error::Error for Refused {}

impl Failure for Refused {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Base { .. } | Self::Repositories | Self::Release => Some(
                "build it with \"boatyard build\", and give others the image: boatyard image push, boatyard image save"
                    .to_owned(),
            ),
            Self::Lines { .. } => Some("put the value into a file that the application reads".to_owned()),
            Self::Service { .. } => None,
        }
    }
}
