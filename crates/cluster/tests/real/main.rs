//! Everything against a real API server, with its controllers and its scheduler; pods follow scripts.

mod apply;
mod deploy;
mod given;
mod lock;
mod rights;
mod runboat;
mod wait;
