//! Who asks, and what he may.

mod basic;
mod caller;
mod cookie;
mod guard;
mod neighbours;
mod origin;
mod rate;
mod token;

pub use basic::{Entered, entered};
pub use caller::{Caller, everybody_may};
pub use cookie::{Cookie, cookie, is_plain, set_cookie};
pub use guard::{admit, guard, guard_page, guessed_too_often, is_too_often, name};
pub use origin::is_own;
pub use rate::{Rate, TooOften};
pub use token::{find, tried};
