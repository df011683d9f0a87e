//! Several services as one, with a clock of its own.

mod again;
mod always;
mod rows;
mod world;
