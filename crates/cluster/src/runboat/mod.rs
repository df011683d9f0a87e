//! Builds as runboat has them: a Deployment each, with whatever else kubefiles bring, all of it labelled with the build's name, in
//! one namespace or in one of its own.
//!
//! ```text
//! list: Deployments --labels, annotations--> There (how far, how many, whose), so that who has forgotten everything knows it again
//! Installed: place (after a dry run), run a job, scale, take away all that has its label
//! ```

mod end;
mod error;
mod front;
mod installed;
mod kind;
mod place;
mod there;

pub use error::Error;
pub use front::Front;
pub use installed::{Installed, Mark};
pub use there::{Init, There, list};
