//! Why a release cannot be planned.

use super::NotARelease;
use crate::failure::{Failure, Fault};
use crate::project::SUITES;

/// The release cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlanned {
    /// The text does not name a release.
    #[error(transparent)]
    Release {
        /// What is wrong with it.
        #[from]
        source: NotARelease,
    },
    /// No base that we can make has this Python.
    #[error("no Debian release that Boatyard knows has Python {version}")]
    NoPython {
        /// The version asked for.
        version: String,
    },
    /// The base has another Python.
    #[error("Debian {suite} has Python {found}, not {version}")]
    OtherPython {
        /// The Debian release.
        suite: String,
        /// Its Python.
        found: &'static str,
        /// The version asked for.
        version: String,
    },
    /// The image cannot be called so.
    #[error("the image cannot be called {name}: {reason}")]
    Name {
        /// What it would be called.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The base cannot run Python.
    #[error("a Python release cannot run on base \"scratch\"")]
    Scratch,
}

impl Failure for NotPlanned {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Release {
                source: NotARelease::Version { .. },
            } => "name one version: 'NAME==VERSION'".to_owned(),
            Self::Release { .. } => {
                "for example 'httpie==3.2.4' or ./shop-1.2-py3-none-any.whl".to_owned()
            }
            Self::NoPython { .. } | Self::OtherPython { .. } => {
                let has = SUITES.map(|suite| format!("debian:{} has {}", suite.name, suite.python));
                format!(
                    "{}; for others choose an image that has it as base",
                    has.join(", ")
                )
            }
            Self::Name { .. } => "choose its name with -t NAME:TAG".to_owned(),
            Self::Scratch => "leave the base out, or use \"debian:bookworm-slim\"".to_owned(),
        })
    }
}
