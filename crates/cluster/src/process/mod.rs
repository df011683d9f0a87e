//! The processes of a project on a cluster: what they print, a program beside one, a job once more.
//!
//! A process is what one role or job runs, in as many pods as the cluster keeps of it. Its pods carry the recommended labels
//! that `boatyard render k8s` gives them: the project as their name, the role or job as their component.

mod error;
mod exec;
mod follow;
mod life;
mod line;
mod lines;
mod logs;
mod once;
mod pods;

pub use error::Error;
pub use exec::{Command, Resizer, Terminal, exec};
pub(crate) use exec::{code, said, within};
pub use line::Line;
pub(crate) use lines::printed;
pub use logs::{Wanted, follow, logs};
pub use once::{last, once};
pub(crate) use pods::PROCESS;
pub use pods::{Whose, selector};
pub(crate) use pods::{container, newest};
