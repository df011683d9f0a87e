//! Why packages cannot be installed.

use boatyard_plan::failure::{Failure, Fault};

use super::configure::ConfigureError;
use super::download::DownloadError;
use super::unmet::ResolveError;
use super::unpack_error::UnpackError;

/// Why packages cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// They cannot be found together.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// They cannot be downloaded.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// They cannot be unpacked.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// They cannot be configured.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
}

impl Failure for InstallError {
    fn fault(&self) -> Fault {
        match self {
            Self::Resolve(error) => error.fault(),
            Self::Download(error) => error.fault(),
            Self::Unpack(error) => error.fault(),
            Self::Configure(error) => error.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Resolve(error) => error.help(),
            Self::Download(error) => error.help(),
            Self::Unpack(error) => error.help(),
            Self::Configure(error) => error.help(),
        }
    }
}
