//! Runs a project on this machine.
//!
//! ```text
//! RunPlan -> Session::run: start what waits for nothing more -> probe -> ready -> ... -> stop in reverse
//! $BOATYARD_HOME/run/<project>-<folder's digest>/
//!     lock            held by the session; free means it is over
//!     session.json    what runs: for ps, exec, down
//!     log/<process>   one line each: time, stream, text
//! $BOATYARD_HOME/volumes/<project>-<folder's digest>/<name>/
//! $BOATYARD_HOME/saved/<name>/    a copy of volumes, kept aside
//! ```
//! All containers share one network namespace, as those of a pod do. Everything dies with the session's process.

mod container;
mod control;
mod error;
mod journal;
mod message;
mod networking;
mod order;
mod place;
mod ports;
mod probe;
mod readiness;
mod record;
mod relay;
mod retry;
pub mod saved;
mod stop;
mod supervise;
mod unsaved;
mod volume;

pub use container::{Container, Wanted};
pub use control::{enter, stop};
pub use error::SessionError;
pub use journal::{Line, Reader};
pub use message::{Options, Stopper};
pub use networking::Networking;
pub use place::Place;
pub use ports::check_ports;
pub use record::{ProcessRecord, Record, State};
pub use supervise::Session;
pub use unsaved::SavedError;
