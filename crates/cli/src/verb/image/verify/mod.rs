//! `boatyard image verify IMAGE`

mod promise;
mod run;
mod sizes;
mod text;

pub use run::run;
