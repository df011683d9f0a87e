//! What this crate promises, shown on files: project files with their plans or mistakes, releases, the schema of plans.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests of a pure crate read their cases from files"
)]

mod check;
mod detect;
mod expected;
mod handover;
mod mutations;
mod project;
mod release;
mod s2i;
mod schema;
mod variant;
