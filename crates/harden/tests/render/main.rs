//! What is rendered: whole outputs of the examples, nothing that `check` finds in any form, YAML that reads back.
//!
//! `UPDATE_EXPECTED=1 cargo test -p boatyard-harden --test render` writes what is expected anew: review it like code.

mod chart;
mod draw;
mod expected;
mod found;
mod yaml;
