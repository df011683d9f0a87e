//! What can go wrong with a registry.

use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

use crate::disk::DiskError;
use crate::failure::StoreError;

/// A registry cannot be used as asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The store refused something, or what came is not what was promised.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No answer: no network, no such host, nobody listens, or cut off again and again.
    #[error("cannot reach registry {registry}")]
    Unreachable {
        /// Host and port.
        registry: String,
        /// What the last try said.
        source: Box<ureq::Error>,
    },
    /// The connection is not trusted.
    #[error("cannot trust registry {registry}")]
    Untrusted {
        /// Host and port.
        registry: String,
        /// What is wrong with its certificate.
        source: Box<ureq::Error>,
    },
    /// The registry wants another user, or any.
    #[error("registry {registry} does not let {user} {doing} {repository}")]
    Unauthorized {
        /// Host and port.
        registry: String,
        /// Who we were: `user NAME`, or `anonymous users`.
        user: String,
        /// `pull` or `push`.
        doing: &'static str,
        /// Path within the registry.
        repository: String,
    },
    /// There is no such image or blob.
    #[error("registry {registry} has no {what}")]
    NotFound {
        /// Host and port.
        registry: String,
        /// Repository with tag or digest.
        what: String,
    },
    /// Something else answers there.
    #[error("{registry} is not a registry: it answered {status} with {content}")]
    NotARegistry {
        /// Host and port.
        registry: String,
        /// HTTP status.
        status: u16,
        /// Content type.
        content: String,
    },
    /// The registry said no, for a reason of its own.
    #[error("registry {registry} answered {status} to {doing}: {message}")]
    Refused {
        /// Host and port.
        registry: String,
        /// HTTP status.
        status: u16,
        /// What was asked.
        doing: String,
        /// Its words, or nothing.
        message: String,
    },
    /// A blob broke off again and again.
    #[error(
        "the download of {what} from {registry} broke off {attempts} times, {have} bytes arrived"
    )]
    BrokenOff {
        /// Host and port.
        registry: String,
        /// The blob.
        what: String,
        /// How often we tried.
        attempts: u32,
        /// How much there is.
        have: u64,
    },
    /// What an index has beside an image is too large.
    #[error("the statements about image {image} have more than {limit} bytes")]
    TooMuchSaid {
        /// Its digest.
        image: String,
        /// What they may have.
        limit: u64,
    },
    /// Saved credentials cannot be read.
    #[error("cannot read the credentials in {}", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// A program that keeps credentials failed.
    #[error("credential helper {helper} failed: {said}")]
    Helper {
        /// The program.
        helper: String,
        /// What it said.
        said: String,
    },
    /// The proxy's address makes no sense.
    #[error("{proxy:?} is not the address of a proxy")]
    BadProxy {
        /// As in the variable, without user and password.
        proxy: String,
    },
}

impl From<DiskError> for RegistryError {
    fn from(error: DiskError) -> Self {
        Self::Store(error.into())
    }
}

impl Failure for RegistryError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::NotFound { .. } | Self::Credentials { .. } | Self::BadProxy { .. } => Fault::User,
            _ => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Store(error) => return error.help(),
            Self::Unreachable { registry, .. } => {
                return Some(format!(
                    "check the network, the name {registry}, and the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
                ));
            }
            Self::Untrusted { .. } => {
                "if a private certificate authority signs on this network, let SSL_CERT_FILE name its bundle"
            }
            Self::Unauthorized { registry, .. } => {
                return Some(format!(
                    "log in with \"docker login {registry}\" or \"podman login {registry}\"; the image may also not exist"
                ));
            }
            Self::NotFound { .. } => "check the name and the tag",
            Self::NotARegistry { .. } => "check host and port; a registry serves the path /v2/",
            Self::BrokenOff { .. } => "try again; what other layers have arrived is kept",
            Self::TooMuchSaid { .. } => "pull the image itself, by the digest that is named here",
            Self::Credentials { .. } => "mend or remove the file, then log in again",
            Self::Helper { .. } => "run the helper by hand, or log in again without it",
            Self::BadProxy { .. } => "proxies look like http://host:port",
            Self::Refused { status: 429, .. } => {
                "wait some minutes, or log in: users may ask more often"
            }
            Self::Refused { .. } => return None,
        };
        Some(help.to_owned())
    }
}
