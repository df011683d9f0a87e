//! The hosts that a build may take packages and images from, by name. Pure: who looks names up says what was found.
//!
//! ```text
//! pypi.org                 that host, at the ports of http and https
//! index.example.org:8443   at that port alone
//! *.example.org            every host below it, not itself
//! 192.0.2.7:8080, [2001:db8::1]   an address
//! ```

mod address;
mod list;
mod source;
mod url;

pub use address::{is_public, is_reachable};
pub use list::Sources;
pub use source::{NotASource, Source};
pub use url::{Whereabouts, whereabouts};
