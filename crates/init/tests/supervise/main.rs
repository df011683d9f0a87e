//! Several services as one, with a clock of its own.

mod always;
mod rows;
mod world;
