//! A Python release on its own: `boatyard build 'httpie[socks]==3.2.4'` or `./shop-1.2-py3-none-any.whl`.
//!
//! ```text
//! "httpie==3.2.4"                 ->  image httpie:3.2.4
//! "httpie[socks]==3.2.4"          ->  image httpie-socks:3.2.4
//! "./shop-1.2-py3-none-any.whl"   ->  image shop:1.2
//! "shop @ https://host/x.tar.gz"  ->  image shop:latest
//! ```
//! The image starts with `boatyard-init SCRIPT`, or with its first role if it was given roles. Which console scripts a
//! release has is known only once it is installed: the plan's `cmd` holds the entry point that was asked for, else the
//! name of the release. The engine keeps it if the virtual environment has such a program; else it takes the only
//! console script of the release, or fails and names them.

mod options;
mod outcome;
mod pip;
mod plan;
mod refused;
mod requirement;

pub use options::{Options, Processes, port, variable, volume};
pub use outcome::{LayerSize, Outcome};
pub use pip::{PipConfiguration, secrets_in};
pub(crate) use plan::base;
pub use plan::{parse, plan};
pub use refused::NotPlanned;
pub use requirement::{NotARelease, Release};

pub use crate::build::without_password;
