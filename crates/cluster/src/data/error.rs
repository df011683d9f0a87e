//! Why data was not saved, or not put back.

use std::io;
use std::path::PathBuf;

use boatyard_plan::failure::{Failure, Fault};

use crate::refusal::Refusal;
use crate::trouble::Trouble;

/// Why data was not saved, or not put back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing of the project was deployed here.
    #[error("nothing of {project} is deployed in {namespace}")]
    NotDeployed {
        /// Which project.
        project: String,
        /// Where not.
        namespace: String,
    },
    /// Data of what runs changes while it is copied.
    #[error("{} in {namespace} has its data, which changes", .pods.join(", "))]
    Runs {
        /// Pods that have it.
        pods: Vec<String>,
        /// Where.
        namespace: String,
    },
    /// The pod through which a volume is reached does not run.
    #[error("the volume of {claim} cannot be reached: {}", .trouble.as_ref().map_or(.how_far, |trouble| &trouble.message))]
    Unreached {
        /// Which claim.
        claim: String,
        /// How far its pod is.
        how_far: String,
        /// What is in the way, if the cluster says.
        trouble: Option<Box<Trouble>>,
    },
    /// A program in that pod failed.
    #[error("cannot {doing} the volume of {claim}: it ended with {code}: {said}")]
    Failed {
        /// What we were doing.
        doing: &'static str,
        /// Which claim.
        claim: String,
        /// Its exit code.
        code: u8,
        /// Its words.
        said: String,
    },
    /// The program was started, and the cluster does not say how it ended.
    #[error("cannot {doing} the volume of {claim}: the connection to its pod was lost")]
    Cut {
        /// What we were doing.
        doing: &'static str,
        /// Which claim.
        claim: String,
    },
    /// A copy does not fit.
    #[error("the data is more than the {room} bytes that there is room for")]
    NoRoom {
        /// How much it may be.
        room: u64,
    },
    /// What was saved is not what it was.
    #[error("what was saved of {claim} is damaged: it is not what its digest says")]
    Damaged {
        /// Which claim.
        claim: String,
    },
    /// It was written by another release of a server than that whose data is here.
    #[error(
        "what was saved of {claim} is data of {server} {saved}, and here is data of {server} {here}"
    )]
    OtherRelease {
        /// Which claim.
        claim: String,
        /// The server.
        server: &'static str,
        /// The release that wrote it.
        saved: String,
        /// The release whose data is here.
        here: String,
    },
    /// All of it is there, and has not taken the place of what was there in all volumes.
    #[error("the data is there, and was not put in its place everywhere")]
    HalfWay {
        /// Why not.
        source: Box<Error>,
    },
    /// A file here cannot be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody asked us to stop.
    #[error("it was asked to stop")]
    Stopped,
    /// The cluster does not let us.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Failure for Error {
    fn fault(&self) -> Fault {
        match self {
            Self::NotDeployed { .. } | Self::Runs { .. } | Self::OtherRelease { .. } => Fault::User,
            Self::Unreached { .. }
            | Self::Failed { .. }
            | Self::Cut { .. }
            | Self::HalfWay { .. }
            | Self::Stopped => Fault::Work,
            Self::NoRoom { .. } | Self::Damaged { .. } | Self::File { .. } => Fault::Refused,
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NotDeployed { .. } => Some(
                "is it the right --context and --namespace? \"boatyard deploy\" puts it there"
                    .to_owned(),
            ),
            Self::Runs { namespace, .. } => Some(format!(
                "stop it first: kubectl --namespace {namespace} scale statefulset,deployment --all --replicas 0"
            )),
            Self::Unreached { trouble, .. } => {
                let help = trouble.as_ref().map(|trouble| trouble.help());
                Some(help.unwrap_or("its image needs sh, sleep and tar").to_owned())
            }
            Self::Failed { code: 126 | 127, .. } => {
                Some("the image of what has the volume needs sh, head and tar".to_owned())
            }
            Self::Failed { doing: "write", .. } => Some(
                "until it has taken its place, what is new is on the volume beside what is there: it needs room for both"
                    .to_owned(),
            ),
            Self::OtherRelease { server, saved, .. } => Some(format!(
                "dump it where {server} {saved} runs, and load it here"
            )),
            Self::HalfWay { .. } => Some(
                "the same once more finishes it; nothing of it is to be started before".to_owned(),
            ),
            Self::Failed { .. }
            | Self::Cut { .. }
            | Self::NoRoom { .. }
            | Self::Damaged { .. }
            | Self::File { .. }
            | Self::Stopped => None,
            Self::Refused(refusal) => refusal.help(),
        }
    }
}
