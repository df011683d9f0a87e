//! A Python release on its own: `boatyard build 'httpie[socks]==3.2.4'` or `./shop-1.2-py3-none-any.whl`.
//!
//! ```text
//! "httpie==3.2.4"                 ->  image httpie:3.2.4
//! "./shop-1.2-py3-none-any.whl"   ->  image shop:1.2
//! "shop @ https://host/x.tar.gz"  ->  image shop:latest
//! ```
//! The image starts with `boatyard-init SCRIPT`. Which console scripts a release has is known only once it is installed:
//! the plan's `cmd` holds the entry point that was asked for, else the name of the release. The engine keeps it if the
//! virtual environment has such a program; else it takes the only console script of the release, or fails and names them.

mod plan;
mod requirement;

pub use plan::{NotPlanned, Options, parse, plan};
pub use requirement::{NotARelease, Release};
