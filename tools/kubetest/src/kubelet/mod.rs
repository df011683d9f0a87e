//! A node that runs nothing: it says of each pod what a script wants.
//!
//! ```text
//! scheduler --binds--> pod --script--> status --> controllers see it ready, failing, finished
//!                                  '-> log    --> the API server asks this node for it
//! ```

mod log;
mod node;
mod script;
mod status;

pub use node::Kubelet;
pub use script::{Behaviour, Scripts};
