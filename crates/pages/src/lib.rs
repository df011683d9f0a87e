//! Keeps few of the program's own pages in memory, where it mostly waits: `boatyard-init` for a signal, the server of previews for a
//! request.
//!
//! ```text
//! divide()    once, at the beginning: what is touched brings few neighbours along
//! let_go()    whenever it begins to wait: what was touched so far is not ours until it is touched again
//! ```

mod sys;

pub use sys::{divide, let_go};

/// Pages of a mapping of who must answer at once, and waits for few of them.
pub const QUICK: usize = 4;
/// Pages of a mapping of who must be small: less is resident, and what is needed again comes in twice as many steps.
pub const SMALL: usize = 2;
