//! Builds Dockerfiles.
//!
//! ```text
//! Request -> Driver: needed stages side by side -> for each instruction: evaluate -> Op -> key -> look-up, or the work
//!                      FROM: named contexts, store, registry                                  '-> layer
//!                                                      end of the target -> image in the store
//! ```
//! What an instruction means is decided in `boatyard_plan::dockerfile`; what `COPY` and `ADD` do is in
//! [`crate::transfer`]. A step is done once, whichever build asks for it first.

mod agent;
mod cache;
mod copy;
mod debian;
mod driver;
mod error;
mod forms;
mod images;
mod inside;
mod mounts;
mod record;
mod request;
mod result;
mod run;
mod secret;
mod stage;
mod turn;

pub use agent::Agents;
pub(crate) use debian::suite;
pub use error::DockerfileError;
pub use forms::{Form, Formed, build_forms};
pub use request::{Named, NoCache, Pull, Request};
pub(crate) use result::stage;
pub use result::{Built, build};
pub use secret::{SecretSource, Secrets};
