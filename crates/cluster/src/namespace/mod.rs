//! A namespace for each environment: made, found again, put to sleep, removed.
//!
//! ```text
//! settle: Namespace (labels, record)  ResourceQuota  LimitRange  NetworkPolicy  ServiceAccount default without a token
//! list:   labels + annotations --> Found, so that who has forgotten everything knows it again
//! sleep, wake: Deployments and StatefulSets to zero and back;  remove: all of it, and waits until it is gone
//! ```

mod end;
mod error;
mod event;
mod find;
mod front;
mod objects;
mod scale;
mod settle;

pub use end::remove;
pub use error::Error;
pub use event::{Happening, happened};
pub use find::{Found, Record, list, note};
pub use front::{Front, front};
pub(crate) use objects::{ENVIRONMENT, RECORD, SERVER};
pub use objects::{Quota, Wish};
pub use scale::{Scaled, awake, sleep, wake, wake_data, workloads};
pub use settle::settle;
