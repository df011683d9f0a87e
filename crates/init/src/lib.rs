//! What runs inside the container.
//!
//! The library part is the [`contract`]: the file that the builder writes into an image and that
//! `boatyard-init` reads there. Whoever writes it links the code that reads it.

pub mod contract;
