//! What the server says to whoever started it.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::feed::Change;

/// Something that the server says.
#[derive(Clone, Debug)]
pub enum Said {
    /// It answers.
    Listening {
        /// Where people find it.
        url: String,
        /// Where it listens.
        address: SocketAddr,
        /// Where whoever runs it logs in; none: not only this machine would hear of it. Nobody else may see this.
        login: Option<String>,
    },
    /// It stands by.
    StandsBy {
        /// Where it listens.
        address: SocketAddr,
        /// Who leads.
        by: String,
    },
    /// Something is different.
    Changed {
        /// What.
        change: Arc<Change>,
        /// Where people find the environment; none: it is gone.
        url: Option<String>,
    },
    /// Something that nobody knew was found, and removed or not.
    Swept(String),
    /// The configuration was read again and holds now.
    Reloaded,
    /// Something went wrong, and the server goes on.
    Warning(String),
    /// What went wrong does no more.
    Mended(String),
    /// It was asked to end.
    Ending,
}

/// Who hears it.
pub type Say = Arc<dyn Fn(&Said) + Send + Sync>;
