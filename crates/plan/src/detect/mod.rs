//! What a project seems to be: a first boatyard.toml from what its source shows.
//!
//! ```text
//! listing + texts of the files that `wants` names  --draft-->  text of a boatyard.toml, what was found where,
//!                                                              and what it does not carry over
//! ```
//! Each module looks at one kind of file and adds to the sketch; what was said more plainly comes first and stays.

mod celery;
mod compose;
mod composed;
mod container;
mod copied;
mod dependency;
mod draft;
mod install;
mod instruction;
mod line;
mod model;
mod procfile;
mod python;
mod s2i;
mod sketch;
mod source;
mod web;
mod write;

pub use composed::{Composed, ComposedJob, ComposedRole};
pub use draft::draft;
pub use line::url;
pub use model::*;
pub use sketch::{GIVEN_LATER, is_variable, label};
pub use source::wants;
