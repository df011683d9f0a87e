//! Who asks, and what he may.

mod basic;
mod caller;
mod cookie;
mod guard;
mod origin;
mod rate;
mod token;

pub use basic::{Entered, entered};
pub use caller::{Caller, everybody_may, holder};
pub use cookie::{Cookie, cookie, is_plain, set_cookie};
pub use guard::{admit, guard, guard_page, is_too_often, name};
pub use origin::is_own;
pub use rate::Rate;
