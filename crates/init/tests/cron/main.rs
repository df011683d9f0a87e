//! Crontabs: what they mean, when jobs are due, and what is said of mistakes.

mod clock;
mod damaged;
mod language;
mod mistakes;
mod retry;
mod scheduler;
