//! What is wrong with the words, or with where they lead.

use std::io;
use std::path::PathBuf;

use boatyard_plan::dockerfile::ConditionsError;
use boatyard_plan::failure::{Failure, Fault};

/// What is wrong with the words, or with where they lead.
#[derive(Debug, thiserror::Error)]
pub enum DockerfileWordsError {
    /// A flag's value is not what it should be.
    #[error("--{flag} {value}: {problem}")]
    Flag {
        /// Which flag.
        flag: &'static str,
        /// What was said.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What it should look like.
        form: &'static str,
    },
    /// What commands are to run under is not what it should be.
    #[error("--{flag} {value}: {problem}")]
    Condition {
        /// Which flag.
        flag: &'static str,
        /// What was said.
        value: String,
        /// What is wrong with it.
        problem: ConditionsError,
    },
    /// There is nothing to copy from.
    #[error("a Dockerfile is built in a context: none was named")]
    NoContext,
    /// There are several.
    #[error("a Dockerfile is built in one context: {first} and {second} were named")]
    TwoContexts {
        /// One.
        first: String,
        /// Another.
        second: String,
    },
    /// The context is not there.
    #[error("cannot enter the context {}", path.display())]
    Context {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The Dockerfile is not there.
    #[error("cannot read the Dockerfile {}", path.display())]
    Read {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Standard input cannot be both.
    #[error("standard input cannot be both the Dockerfile and the context")]
    TwiceStandardInput,
    /// Standard input is not readable.
    #[error("cannot read standard input")]
    StandardInput {
        /// Why not.
        source: io::Error,
    },
    /// Git could not be run.
    #[error("cannot run git to fetch {url}")]
    NoGit {
        /// What was to be fetched.
        url: String,
        /// Why not.
        source: io::Error,
    },
    /// Git failed.
    #[error("git could not fetch {url}: {said}")]
    Git {
        /// What was to be fetched.
        url: String,
        /// Its last line.
        said: String,
    },
    /// The part of the repository that was asked for is not there.
    #[error("there is no folder {folder} in {url}")]
    NoFolder {
        /// What was asked for.
        folder: String,
        /// The repository.
        url: String,
    },
    /// A result could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Two forms where one is wanted.
    #[error("--{flag} takes one image, and two forms of it are built")]
    OneForm {
        /// Which flag.
        flag: &'static str,
    },
    /// An image that has no name is to be pushed.
    #[error("an image is pushed to the registry in its name: it has none")]
    NoName,
    /// Nobody runs programs of that platform here.
    #[error("cannot build for {asked}: this machine is {own}")]
    Platform {
        /// What was asked for.
        asked: String,
        /// What this machine is.
        own: String,
    },
}

impl Failure for DockerfileWordsError {
    fn fault(&self) -> Fault {
        match self {
            Self::StandardInput { .. }
            | Self::NoGit { .. }
            | Self::Write { .. }
            | Self::Platform { .. }
            | Self::Git { .. } => Fault::Refused,
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Flag { form, .. } => format!("expected {form}"),
            Self::Condition {
                problem: ConditionsError::NoResource { help, .. },
                ..
            } => return help.clone(),
            Self::Condition { flag, .. } => match *flag {
                "add-host" => "expected NAME:ADDRESS, e.g. db:10.0.0.7, or NAME:host-gateway",
                "shm-size" => "expected a size above 0, e.g. 256m",
                _ => "expected NAME=SOFT[:HARD], e.g. nofile=1024:4096; -1 is unlimited",
            }
            .to_owned(),
            Self::OneForm { .. } => "say --variant docker or --variant k8s".to_owned(),
            Self::NoContext => "name a folder: boatyard build -f Dockerfile .".to_owned(),
            Self::TwoContexts { .. } => {
                "other contexts have names: --build-context NAME=FOLDER".to_owned()
            }
            Self::Read { .. } => "name it: -f FILE, which starts from the current folder".to_owned(),
            Self::TwiceStandardInput => {
                "put the Dockerfile into the tar, or name a folder as the context".to_owned()
            }
            Self::NoGit { .. } => "install git".to_owned(),
            Self::NoName => "give it one: -t REGISTRY/NAME:TAG".to_owned(),
            Self::Platform { .. } => {
                "build on such a machine, or let the kernel run its programs (qemu-user-static, binfmt_misc)"
                    .to_owned()
            }
            _ => return None,
        })
    }
}
