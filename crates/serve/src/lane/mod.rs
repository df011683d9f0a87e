//! What every backend does with orders: those of one environment one after another, a later one overtakes those before it.
//!
//! ```text
//! Order -> Lanes -> the environment's own lane -> Work -> Told
//! ```

mod outcome;
mod run;
mod several;
mod stop;
#[cfg(test)]
mod tests;
mod work;

pub(crate) use outcome::{Outcome, Trouble, event};
pub(crate) use several::Lanes;
pub(crate) use stop::Stop;
pub(crate) use work::{Up, Work};
