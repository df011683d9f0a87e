//! S2I repositories, built as they are: no Dockerfile, no boatyard.toml.
//!
//! ```text
//! .s2i/environment, app.sh | app.py | wsgi.py | manage.py, requirements.txt ...
//!     -> base: a BuildPlan with two images, the runtime and, with compilers on top, the builder
//!     -> a Dockerfile: environment of requirements.txt | boatyard-init assemble | runtime + /opt/app-root
//! ```
//! What the scripts do, and the variables that they obey, are those of the Python images of sclorg; hooks around them are
//! those of powershift, and `boatyard-init` runs them. The image has no compiler, and any user of group 0 may run it.

mod base;
mod environment;
mod recipe;
mod source;

pub use base::{BUILDER, RUNTIME, base, reference};
pub use environment::environment;
pub use recipe::{PIP_CONF_SECRET, ports, recipe};
pub use source::{Options, Source};
