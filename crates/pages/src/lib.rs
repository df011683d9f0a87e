//! Keeps few of the program's own pages in memory, where it mostly waits: `boatyard-init` for a signal, the server of previews for a
//! request.
//!
//! ```text
//! divide()    once, at the beginning: what is touched brings few neighbours along
//! let_go()    whenever it begins to wait: what was touched so far is not ours until it is touched again
//! ```

mod sys;

pub use sys::{divide, let_go};
