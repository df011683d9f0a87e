//! The backing services that Boatyard knows how to run: their packages, command, environment for the application.
//!
//! ```text
//! definition(Postgres)  ->  user 999, package postgresql, a start script, port 5432, a volume
//! application_env(..)   ->  DATABASE_URL=postgresql://app@postgres:5432/guestbook ...
//! ```
//! An image of a backing service is the same for every project: what differs (the name of the database) is passed to
//! its process, not built in. Every one listens on 127.0.0.1 only, since the processes of a project share one network; with a
//! password (`POSTGRES_PASSWORD`, `REDIS_PASSWORD`), which it has on a cluster, everywhere for those who know it.

mod definition;
mod environment;
mod postgres;
mod redis;

pub use definition::{Definition, definition};
pub use environment::{Access, PASSWORD, access, application_env, process_env};

/// Where a backing service keeps its data: an absolute path, a volume that survives `down`.
pub const DATA: &str = "/var/lib/boatyard/data";

/// Where in a volume stands which release of a server its data is of, and which server that is. Another release cannot read it.
pub const RELEASES: &[(&str, &str)] = &[("cluster/PG_VERSION", "PostgreSQL")];
