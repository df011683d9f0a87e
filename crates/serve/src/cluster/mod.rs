//! Environments on Kubernetes: a namespace for each, and our own command as a child process that builds and deploys.
//!
//! ```text
//! Order -> Clustered -> lane of the environment -> clone, namespace, boatyard deploy --push, scale -> Told
//! Namespace PREFIX-ID   labels: which server, environment, project   annotation: the record, written before each effect
//! Ears                    one watch for all namespaces: who runs looks, what somebody else has done is swept
//! ```
//! Data is read and written by our command, too (`boatyard data --namespace`), and kept on this machine.
//! The cluster is the database: who has forgotten everything finds in the records what there is ([`Clustered::found`]).

mod away;
mod backend;
mod begin;
mod builder;
mod cleanup;
mod ears;
mod happening;
mod hosts;
mod images;
mod kubefiles;
mod lines;
mod prepare;
mod pushed;
mod realm;
mod record;
mod running;
mod sweep;
mod verdict;

pub use backend::Clustered;
pub use images::NamingOf;
pub use kubefiles::{Kubefiles, KubefilesOf, Wanted};
pub use realm::Terms;
pub use record::FoundError;
pub use sweep::Swept;
