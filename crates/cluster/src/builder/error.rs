//! Why nothing was built in a pod.

use boatyard_plan::failure::{Failure, Fault};

use crate::process;
use crate::refusal::Refusal;
use crate::trouble::Trouble;

/// Why nothing was built in a pod.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody says which image a builder runs.
    #[error("cannot tell which image the builder is to run")]
    NoImage,
    /// The namespace admits no such pod.
    #[error("the namespace {namespace} admits no builder")]
    NotAdmitted {
        /// Which namespace.
        namespace: String,
        /// What Pod Security has to permit there.
        level: &'static str,
        /// What it says.
        source: Refusal,
    },
    /// The pod does not run.
    #[error("the builder in {namespace} does not run: {}", .trouble.as_ref().map_or(.how_far, |trouble| &trouble.message))]
    NotRunning {
        /// Which namespace.
        namespace: String,
        /// How far it is.
        how_far: String,
        /// What is in the way, if the cluster says.
        trouble: Option<Box<Trouble>>,
    },
    /// A program in it was not started, or not heard to its end.
    #[error(transparent)]
    Program(#[from] process::Error),
    /// The cluster does not let us.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::NoImage => Fault::User,
            Self::NotAdmitted { .. } | Self::NotRunning { .. } => Fault::Refused,
            Self::Program(error) => error.fault(),
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NoImage => Some(
                "name one that has boatyard in it, in [cluster.builder] or by --builder-image; in a pod it is that of the pod"
                    .to_owned(),
            ),
            Self::NotAdmitted {
                namespace, level, ..
            } => Some(format!(
                "builders need a namespace of their own that admits them: kubectl label --overwrite namespace {namespace} \
                 pod-security.kubernetes.io/enforce={level}"
            )),
            Self::NotRunning { trouble, .. } => {
                trouble.as_ref().map(|trouble| trouble.help().to_owned())
            }
            Self::Program(error) => error.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}
