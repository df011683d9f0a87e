//! The Dockerfile language: from text to what a step does.
//!
//! ```text
//! text --parse--> Dockerfile --graph--> stages that a target needs, in order
//!                     '-- evaluate: (State, Instruction) -> (State, Op) --> the engine does the Op
//! ```
//! What a variable holds is known only once the base image is: so expansion happens instruction by instruction while the
//! engine goes along, and is pure all the same.

pub mod check;
mod conditions;
mod duration;
pub mod evaluate;
pub mod expand;
mod fields;
pub mod graph;
pub mod ignore;
mod keyword;
mod model;
mod op;
pub mod outline;
mod parse;
pub mod path;
pub mod pattern;
pub mod platform;
mod size;
mod variables;

pub use conditions::{Conditions, ConditionsError, Limit, Resource};
pub use duration::{DurationError, nanoseconds};
pub use keyword::Keyword;
pub use model::{
    Command, Directives, Dockerfile, Flag, Heredoc, Instruction, Kind, Pair, Stage, Word,
};
pub use op::{
    CacheSharing, CopyOp, CopySource, Mount, MountKind, Op, Proxy, RunNetwork, RunOp, Script,
    Source, Unpack,
};
pub use parse::{parse, parse_recoverable};
pub use size::bytes;
pub use variables::Variables;
