//! What a cluster refused, in its words.

use std::error::Error as _;

use boatyard_plan::failure::{Failure, Fault};
use kube::core::Status;

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

    /// HTTP's status, if a server answered.
    pub fn code(&self) -> Option<u16> {
        match self.source {
            Said::Server { code, .. } => Some(code),
            Said::Unreached { .. } => None,
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
        if let kube::Error::Api(status) = error {
            return Self::from(*status);
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
        match self.code() {
            // What was sent is wrong: a field that does not exist, a value that may not be.
            Some(400 | 422) => Fault::User,
            Some(409) => Fault::Work,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self.code() {
            Some(401) => "the cluster does not know who you are: renew the login of this context",
            Some(403) => {
                "ask who runs the cluster for this right, or choose another --context or --namespace"
            }
            Some(404) => {
                "is there such a namespace, and is what defines this kind installed on the cluster?"
            }
            Some(409) => {
                "somebody else set these fields: leave them out, or take them over with --force"
            }
            Some(_) => return None,
            None => "is the cluster up, and is this the right --context?",
        };
        Some(help.to_owned())
    }
}
