//! What the steps of a Dockerfile mean: expansion of words, patterns, the graph of stages, evaluation of instructions. Cases
//! are in steps/ and refused/, in the form of those of the parser;
//! `UPDATE_EXPECTED=1 cargo test -p boatyard-plan --test words` writes what is expected anew: review it like code.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests of a pure crate read their cases from files"
)]

#[path = "../dockerfile_parse/case.rs"]
mod case;
mod configuration;
mod evaluate;
mod expand;
#[path = "../dockerfile_parse/explain.rs"]
mod explain;
mod given;
mod graph;
mod ignore;
mod steps;
mod walk;
