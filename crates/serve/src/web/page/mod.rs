//! What people see: pages that are whole without any script, and follow what changes with one.

mod act;
mod address;
mod asset;
mod enter;
mod keep;
mod layout;
mod list;
mod live;
mod login;
mod one;
mod row;
mod state;
mod trouble;
pub(super) mod words;

pub use act::act;
pub use asset::{script, style, style_now};
pub use enter::{begin, come_back};
pub use keep::keep;
pub use layout::security;
pub use list::list;
pub use live::live;
pub use login::{log_in, log_out, login, refused};
pub use one::one;
pub use state::{audit, queue};
