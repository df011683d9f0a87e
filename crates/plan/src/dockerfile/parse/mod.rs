//! Reading a Dockerfile: text, then logical lines, then instructions, then stages. Each stage notes mistakes and goes on,
//! so that the user sees all of them at once.
//!
//! ```text
//! RUN make \         a logical line: "RUN make   all", with a piece for each line it was written on
//!     # as always    a comment between, gone
//!     all
//! ```
//! What is accepted and what it means is as in `BuildKit` 0.25 (Docker 28.5), its source being the one specification of many of
//! the details: `frontend/dockerfile/parser` and `frontend/dockerfile/instructions`. Where we are stricter is written
//! down in docs/reference/dockerfile.md.

mod directive;
mod document;
mod flag;
mod from;
mod head;
mod health;
mod heredoc;
mod instruction;
mod json;
mod line;
mod mistakes;
mod operand;
mod pairs;
mod shell;
mod transfer;
mod words;

pub use document::{parse, parse_recoverable};
