//! What a cluster refused, in its words.

use std::error::Error as _;
use std::time::Duration;

use boatyard_plan::failure::{Failure, Fault};
use kube::core::Status;

use crate::{plugin, secret};

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing}")]
pub struct Refusal {
    /// What we were doing, to which thing.
    pub doing: String,
    /// What came back.
    pub source: Said,
}

/// What came back from a cluster, or from the way to it.
#[derive(Debug, thiserror::Error)]
pub enum Said {
    /// The API server's own words.
    #[error("{message}")]
    Server {
        /// HTTP's status.
        code: u16,
        /// What it says.
        message: String,
    },
    /// It was not reached, or not understood.
    #[error("{message}")]
    Unreached {
        /// The innermost cause.
        message: String,
    },
    /// The cluster has no such kind, as far as it tells.
    #[error("{message}")]
    Unknown {
        /// What it does not have.
        message: String,
    },
    /// Somebody else may be doing it by now.
    #[error("this server does not lead any more")]
    Fenced,
    /// It is there already, and somebody else's.
    #[error("{}", project.as_ref().map_or_else(|| "it is there already, and no deploy made it".to_owned(), |project| format!("it belongs to the project {project}")))]
    Foreign {
        /// Whose; none: no project's.
        project: Option<String>,
    },
    /// What was removed did not go.
    #[error("it is still there after {} s", waited.as_secs())]
    Stays {
        /// How long it was given.
        waited: Duration,
    },
    /// What we kept there is not what we had written.
    #[error("it is damaged: {message}")]
    Damaged {
        /// What is wrong with it.
        message: String,
    },
    /// A Secret that is there does not have the password that is to be used.
    #[error("it is there already, without {key}")]
    NoPassword {
        /// Its key.
        key: String,
    },
    /// What was to be applied names another namespace than the one that is deployed to.
    #[error("it says metadata.namespace: {said}, and the deploy goes to {wanted}")]
    Elsewhere {
        /// Which one it names.
        said: String,
        /// Which one is deployed to.
        wanted: String,
    },
}

impl Refusal {
    /// For `map_err`: what failed while `doing`.
    pub fn of(doing: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let doing = doing.into();
        move |error| Self {
            doing,
            source: Said::from(error),
        }
    }

    /// The same without `values` in the server's words.
    #[must_use]
    pub fn masked(mut self, values: &[String]) -> Self {
        if let Said::Server { message, .. } = &mut self.source {
            *message = secret::masked(message, values);
        }
        self
    }

    /// Whether nobody answered.
    pub fn is_silence(&self) -> bool {
        matches!(self.source, Said::Unreached { .. })
    }

    /// Whether the cluster was not there to answer, so that the same may go well once it is.
    pub fn is_absence(&self) -> bool {
        self.is_silence() || matches!(self.code(), Some(429 | 502 | 503 | 504))
    }

    /// HTTP's status, if a server answered.
    pub fn code(&self) -> Option<u16> {
        match self.source {
            Said::Server { code, .. } => Some(code),
            _ => None,
        }
    }
}

/// How a server calls it that an object is another one than it was; a field that somebody else has set is told in other words.
const MODIFIED: &str = "the object has been modified";

impl Said {
    /// Whether it may be another answer soon: nobody was there, the server had trouble of its own, or others wrote so often that it gave up
    /// to put this in between.
    pub fn passes(&self) -> bool {
        match self {
            Self::Unreached { .. } => true,
            Self::Server { code: 409, message } => message.contains(MODIFIED),
            Self::Server { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}

impl From<Status> for Said {
    fn from(status: Status) -> Self {
        // What server-side apply says of a field that is not in the schema comes with the code of a server's own fault.
        let is_mistake = status.code == 500 && status.message.contains("typed patch object");
        Self::Server {
            code: if is_mistake { 422 } else { status.code },
            message: status.message,
        }
    }
}

impl From<kube::Error> for Said {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => return Self::from(*status),
            kube::Error::Discovery(lack) => {
                let message = lack.to_string();
                return Self::Unknown { message };
            }
            _ => {}
        }
        if let Some(message) = plugin::failure(&error) {
            return Self::Unreached { message };
        }
        let mut message = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            message = cause.to_string();
            next = cause.source();
        }
        Self::Unreached { message }
    }
}

impl Failure for Refusal {
    fn fault(&self) -> Fault {
        self.source.fault()
    }

    fn help(&self) -> Option<String> {
        self.source.help()
    }
}

impl Failure for Said {
    fn fault(&self) -> Fault {
        match self {
            // What was sent is wrong: a field that does not exist, a value that may not be.
            Self::Server {
                code: 400 | 422, ..
            }
            | Self::Elsewhere { .. }
            | Self::NoPassword { .. } => Fault::User,
            Self::Server { code: 409, .. }
            | Self::Foreign { .. }
            | Self::Fenced
            | Self::Stays { .. } => Fault::Work,
            Self::Server { .. }
            | Self::Unreached { .. }
            | Self::Unknown { .. }
            | Self::Damaged { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Server { code, message } => return of_server(*code, message),
            Self::Unknown { .. } => of_code(404)?,
            Self::Fenced => return None,
            Self::Unreached { message } if message.contains("certificate") => {
                "this context does not trust the server: is its certificate-authority right, and is it the right --context?"
            }
            Self::Unreached { message } if message.starts_with(plugin::PROGRAM) => plugin::HELP,
            Self::Unreached { .. } => "is the cluster up, and is this the right --context?",
            Self::Foreign { .. } => "give yours another name, or take it over with --force",
            Self::Stays { .. } => "a finalizer may hold it: \"kubectl get -o yaml\" shows whose",
            Self::Damaged { .. } => {
                "remove it, and deploy again: what is there is then taken as it is"
            }
            Self::NoPassword { key } => {
                return Some(format!(
                    "where that Secret leads to a service elsewhere, say so in boatyard.toml: cluster = \"elsewhere\"; else add {key} to \
                     it, or remove it: the next deploy makes a new one"
                ));
            }
            Self::Elsewhere { said, .. } => {
                return Some(format!(
                    "leave it out of the manifest, or deploy to it with --namespace {said}"
                ));
            }
        };
        Some(help.to_owned())
    }
}

/// The API server tells some things by its words only.
fn of_server(code: u16, message: &str) -> Option<String> {
    let namespace = message.strip_prefix("namespaces \"");
    let missing = namespace.and_then(|rest| rest.strip_suffix("\" not found"));
    if let Some(name) = missing.filter(|_| code == 404) {
        return Some(format!(
            "make it (\"kubectl create namespace {name}\"), or choose another --namespace"
        ));
    }
    if code == 403 && message.contains("exceeded quota") {
        let help = "raise the namespace's quota, or ask for less: the message says what of";
        return Some(help.to_owned());
    }
    of_code(code).map(str::to_owned)
}

fn of_code(code: u16) -> Option<&'static str> {
    Some(match code {
        401 => "the cluster does not know who you are: renew the login of this context",
        403 => {
            "ask who runs the cluster for this right, or choose another --context or --namespace"
        }
        404 => "is there such a namespace, and is what defines this kind installed on the cluster?",
        409 => "somebody else set these fields: leave them out, or take them over with --force",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Said;

    #[test]
    fn a_conflict_of_a_moment_passes_and_one_of_fields_does_not() {
        for (message, expected) in [
            (
                "Operation cannot be fulfilled on persistentvolumeclaims \"a\": the object has been modified; please apply your changes \
                 to the latest version and try again",
                true,
            ),
            (
                "Apply failed with 1 conflict: conflict with \"kubectl\": .spec.replicas",
                false,
            ),
            ("persistentvolumeclaims \"a\" already exists", false),
        ] {
            let message = message.to_owned();
            let said = Said::Server { code: 409, message };
            assert_eq!(said.passes(), expected, "{said}");
        }
    }
}
