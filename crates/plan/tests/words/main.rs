//! What the steps of a Dockerfile mean: expansion of words, patterns, the graph of stages, evaluation of instructions.

mod expand;
mod ignore;
