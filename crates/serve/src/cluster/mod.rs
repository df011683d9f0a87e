//! Environments on Kubernetes: a namespace for each, and our own command as a child process that builds and deploys.
//!
//! ```text
//! Order -> Clustered -> lane of the environment -> clone, namespace, boatyard deploy --push, scale -> Told
//! Namespace PREFIX-ID   labels: which server, environment, project   annotation: the record, written before each effect
//! ```
//! The cluster is the database: who has forgotten everything finds in the records what there is ([`Clustered::found`]).

mod backend;
mod cleanup;
mod happening;
mod prepare;
mod realm;
mod record;
mod running;
mod sweep;

pub use backend::Clustered;
pub use realm::Terms;
pub use record::FoundError;
pub use sweep::Swept;
