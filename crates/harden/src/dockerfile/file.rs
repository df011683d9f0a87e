//! The parts of a Dockerfile.

use std::collections::BTreeMap;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::dockerfile::{self as language, Instruction, Stage};

use crate::shell::Script;

/// A Dockerfile.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    /// As it is written.
    pub file: language::Dockerfile,
    /// What `RUN`, `CMD` and `ENTRYPOINT` in the shell form say, by where the instruction begins.
    pub(super) scripts: BTreeMap<usize, Vec<Script>>,
}

/// What was read, and what could not be.
pub type Read = (Dockerfile, Vec<Diagnostic>);

/// An instruction and the stage that it is in.
pub type Placed<'d> = (&'d Stage, &'d Instruction);
