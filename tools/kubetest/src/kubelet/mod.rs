//! A node that runs nothing: it says of each pod what a script wants.
//!
//! ```text
//! scheduler --binds--> pod --script--> status --> controllers see it ready, failing, finished
//!                                  '-> log    --> the API server asks this node for it
//! claim --> volume: a folder here, bound to it; gone with the claim
//! exec in a pod that has one --> the program of this machine, with the folder where the volume is mounted
//! ```

mod exec;
mod log;
mod node;
mod provision;
mod script;
mod status;
mod volume;

pub use node::Kubelet;
pub use script::{Behaviour, Scripts};
pub use volume::Volumes;
