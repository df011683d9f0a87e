//! `boatyard serve`: the preview environments.
//!
//! ```text
//! words --configuration--> Config --boatyard_serve--> what it says --told--> lines for people or programs
//! ```

mod configuration;
mod repository;
mod run;
mod told;

pub use run::run;
