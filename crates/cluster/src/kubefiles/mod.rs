//! Kubefiles, as runboat has them: a folder of manifests, put together by a kustomization that is a template.
//!
//! ```text
//! files + Build (mode, names, commit, image, variables) --template--> files --kustomize--> manifests --contract--> what is missing
//! ```
//! Pure, but for the folder that is read first: nothing is called. Templates are those of Jinja, by minijinja with Python's methods. Of kustomize a
//! part is done here, in its order: what it does not know it refuses, by name.

mod build;
mod contract;
mod error;
mod folder;
mod kustomize;
mod made;
mod template;

pub use build::{Build, Commit, Mode};
pub(crate) use contract::{BUILD, FINALIZER, INIT_STATUS, JOB_KIND};
pub use contract::{Breach, breaches};
pub use error::Error;
pub use folder::{Unread, read};
pub use made::{Files, manifests};
