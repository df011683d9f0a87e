//! What a build that is confined may not have.

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::project::allowed_by;

use crate::network::Refusal;

/// What a build that is confined may not have.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// An image of a registry that is not allowed.
    #[error("{registry} is not among the registries of this build")]
    Registry {
        /// The registry.
        registry: String,
    },
    /// A URL that leads to no source.
    #[error("{url} leads to no source of this build")]
    Address {
        /// The URL, without user and password.
        url: String,
        /// The host; none if that cannot be said.
        host: Option<String>,
    },
    /// A Git repository.
    #[error("no Git repository is fetched in a build that is confined")]
    Git,
    /// A path that leads out of the project.
    #[error("{path} leads out of the project")]
    Path {
        /// As written.
        path: String,
    },
    /// Commands cannot have a network of their own.
    #[error(
        "a build cannot be confined on this machine: its commands would see the machine's network"
    )]
    NoNetwork,
}

impl Failure for ForeignError {
    fn fault(&self) -> Fault {
        match self {
            Self::NoNetwork => Fault::Refused,
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Registry { registry } => allowed_by("registries", "registry", &[registry]),
            Self::Address { host: Some(host), .. } => allowed_by("sources", "source", &[host]),
            Self::Address { host: None, .. } => "expected http:// or https:// and a host".to_owned(),
            Self::Git => "put the files into the repository".to_owned(),
            Self::Path { .. } => "put the file into the repository".to_owned(),
            Self::NoNetwork => {
                "run \"boatyard doctor\" to see what this machine permits; it takes network namespaces".to_owned()
            }
        })
    }
}

/// What to do about refusals.
pub(crate) fn advice(refused: &[Refusal]) -> Option<String> {
    let missing: Vec<String> = refused.iter().filter_map(Refusal::missing).collect();
    let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
    (!missing.is_empty()).then(|| allowed_by("sources", "source", &missing))
}

/// What was refused while a command ran that failed then, and what to do about it.
pub(crate) fn because(refused: &[Refusal]) -> Option<String> {
    if refused.is_empty() {
        return None;
    }
    let told: Vec<String> = refused.iter().map(ToString::to_string).collect();
    let told = told.join("; ");
    Some(match advice(refused) {
        Some(advice) => format!("{told}; {advice}"),
        None => told,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_and_what_to_do() {
        assert_eq!(because(&[]), None);
        let host = |host: &str| Refusal::Host {
            host: host.to_owned(),
        };
        let port = Refusal::Port {
            host: "169.254.169.254".to_owned(),
            port: 80,
        };
        assert_eq!(
            because(std::slice::from_ref(&port)).as_deref(),
            Some(
                "169.254.169.254 was called at port 80, which is not among the sources of this build"
            )
        );
        assert_eq!(
            because(&[host("a.example"), port, host("b.example")]).as_deref(),
            Some(
                "a.example was asked for, which is not among the sources of this build; 169.254.169.254 was called at port 80, \
                 which is not among the sources of this build; b.example was asked for, which is not among the sources of this \
                 build; whoever runs the server can allow it for the repository in its file: sources = [\"a.example\", \
                 \"b.example\"]; on the command line: --source a.example --source b.example"
            )
        );
    }
}
