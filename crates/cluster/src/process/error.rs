//! Why there is nothing to show or to start.

use std::io;

use boatyard_plan::failure::{Failure, Fault};

use crate::refusal::Refusal;
use crate::wait;

/// Why there is nothing to show or to start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No pod of the project is there at all.
    #[error("there are no pods of {project} in {namespace}")]
    NoPods {
        /// Which project.
        project: String,
        /// Where.
        namespace: String,
    },
    /// No pod of this process is there.
    #[error("there is no pod of {process} in {namespace}")]
    NoPod {
        /// Of which role or job.
        process: String,
        /// Where.
        namespace: String,
        /// Of what there are pods.
        known: Vec<String>,
    },
    /// There are pods of it, and none runs.
    #[error("no pod of {process} runs in {namespace}: {found}")]
    NoneRuns {
        /// Of which role or job.
        process: String,
        /// Where.
        namespace: String,
        /// What they do instead.
        found: String,
    },
    /// Nothing of the project was deployed here.
    #[error("nothing of {project} is deployed in {namespace}")]
    NotDeployed {
        /// Which project.
        project: String,
        /// Where not.
        namespace: String,
    },
    /// What is deployed has no such job.
    #[error("what is deployed of {project} in {namespace} has no job {job}")]
    NoJob {
        /// Which job.
        job: String,
        /// Of which project.
        project: String,
        /// Where.
        namespace: String,
        /// Which there are.
        known: Vec<String>,
    },
    /// A job does not get to run.
    #[error(transparent)]
    Unready(#[from] wait::Error),
    /// The program was started, and the cluster does not say how it ended.
    #[error("the connection to {pod} was lost before the program had ended")]
    Cut {
        /// In which pod.
        pod: String,
    },
    /// What was printed cannot be shown.
    #[error("cannot write what {pod} printed")]
    Output {
        /// The pod.
        pod: String,
        /// Why not.
        source: io::Error,
    },
    /// The cluster does not let us.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::NoPods { .. }
            | Self::NoPod { .. }
            | Self::NotDeployed { .. }
            | Self::NoJob { .. } => Fault::User,
            Self::NoneRuns { .. } | Self::Cut { .. } => Fault::Work,
            Self::Output { .. } => Fault::Refused,
            Self::Unready(error) => error.fault(),
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        let of = |known: &[String], what: &str| match known {
            [] => format!("there are no {what}; is it the right --context and --namespace?"),
            known => format!("there are {what} of: {}", known.join(", ")),
        };
        match self {
            Self::NoPod { known, .. } => Some(of(known, "pods")),
            Self::NoneRuns { process, .. } => Some(format!(
                "\"boatyard logs --context CONTEXT {process}\" shows what it printed"
            )),
            Self::NoPods { .. } | Self::NotDeployed { .. } => Some(
                "is it the right --context and --namespace? \"boatyard deploy\" puts it there"
                    .to_owned(),
            ),
            Self::NoJob { known, .. } => match known.as_slice() {
                [] => Some("it has no jobs at all".to_owned()),
                known => Some(format!("it has: {}", known.join(", "))),
            },
            Self::Cut { .. } | Self::Output { .. } => None,
            Self::Unready(error) => error.help(),
            Self::Refused(refusal) => refusal.help(),
        }
    }
}
