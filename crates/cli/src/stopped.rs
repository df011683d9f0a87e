//! Why a verb did not reach its end.

use std::io;

use boatyard_plan::failure::{Failure, Fault};

use crate::diagnose::Mistakes;

/// Why a verb did not reach its end.
#[derive(Debug)]
pub enum Stopped {
    /// Something failed.
    Failed(Box<dyn Failure>),
    /// Something failed, and the view of events has shown what it printed before.
    Told(Box<dyn Failure>),
    /// A file of the user's has mistakes, or asks for what could not be done.
    Mistaken(Mistakes),
    /// A program that we ran for the user ended with this exit code and has said why.
    Ended(u8),
    /// The reader of standard output went away (`| head`): nobody is left to tell anything.
    Unheard,
}

impl Stopped {
    /// The exit code of the command.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(failure) | Self::Told(failure) => failure.fault().exit_code(),
            Self::Mistaken(mistakes) => mistakes.fault.exit_code(),
            Self::Ended(code) => *code,
            Self::Unheard => 0,
        }
    }

    /// The outcome of writing to standard output.
    pub fn from_writing(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            Self::Unheard
        } else {
            Self::Failed(Box::new(CannotWrite { source }))
        }
    }
}

impl<F: Failure> From<F> for Stopped {
    fn from(failure: F) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<Mistakes> for Stopped {
    fn from(mistakes: Mistakes) -> Self {
        Self::Mistaken(mistakes)
    }
}

/// Standard output does not take what we have to say.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
struct CannotWrite {
    source: io::Error,
}

impl Failure for CannotWrite {
    fn fault(&self) -> Fault {
        Fault::Refused
    }
}
