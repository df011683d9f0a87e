//! Why a server did not do it.

use boatyard_plan::failure::{Failure, Fault};

/// Why a server did not do it.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error("no server is named, and none runs here for this user")]
    NoServer,
    #[error("\"{url}\" is no address of a server")]
    NoAddress { url: String },
    #[error("the token would be sent to {host} in the clear")]
    InTheClear { host: String },
    #[error("cannot read the token in {file}")]
    Token {
        file: String,
        source: std::io::Error,
    },
    #[error("cannot reach {server}")]
    Unreachable { server: String, source: ureq::Error },
    #[error("{server} answers {status}: {detail}")]
    Refused {
        server: String,
        status: u16,
        detail: String,
        help: Option<String>,
    },
    #[error("{server} answers what no server of previews does: {what}")]
    Strange { server: String, what: String },
    #[error("{id} does not run: {why}")]
    NotRunning { id: String, why: String },
    #[error("that was not done: {why}")]
    NotDone { id: String, why: String },
}

impl Failure for PreviewError {
    fn fault(&self) -> Fault {
        match self {
            Self::NoServer
            | Self::NoAddress { .. }
            | Self::InTheClear { .. }
            | Self::Token { .. }
            | Self::Refused {
                status: 400 | 404 | 409,
                ..
            } => Fault::User,
            Self::Unreachable { .. } | Self::Strange { .. } | Self::Refused { .. } => {
                Fault::Refused
            }
            Self::NotRunning { .. } | Self::NotDone { .. } => Fault::Work,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NoServer | Self::NoAddress { .. } => {
                Some("name it with --server https://HOST, or in BOATYARD_SERVER".to_owned())
            }
            Self::InTheClear { .. } => Some(
                "use https://, or --plain-http if nobody can listen on the way there".to_owned(),
            ),
            Self::Refused { status: 401 | 403, .. } => {
                Some("put a token that may do this into BOATYARD_TOKEN, or name its file with --token-file".to_owned())
            }
            Self::Refused { help, .. } => help.clone(),
            Self::NotRunning { id, .. } | Self::NotDone { id, .. } => {
                Some(format!("look at \"boatyard preview show {id}\" and \"boatyard preview logs {id}\""))
            }
            Self::Unreachable { .. } | Self::Strange { .. } => Some(
                "does \"boatyard serve\" run there, and is it the right --server or BOATYARD_SERVER?".to_owned(),
            ),
            Self::Token { .. } => None,
        }
    }
}
