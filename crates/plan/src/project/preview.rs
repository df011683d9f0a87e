//! What a repository says of its preview environments: `[preview]`.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a repository says of its preview environments. Nothing of it widens what the server permits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Roles that run there, with those that they wait for; empty: all, and what is scheduled.
    pub roles: Vec<String>,
    /// Jobs that are done while one is prepared, in this order, after those before a deploy.
    pub seed: Vec<String>,
    /// Jobs that are done before what one has is taken away, in this order.
    pub cleanup: Vec<String>,
    /// Variables of roles and jobs there; they win over others.
    pub env: BTreeMap<String, String>,
    /// Without use, until one is put to sleep, if the server does not do it sooner.
    pub idle: Option<Duration>,
    /// Without use, until one is undeployed, if the server does not do it sooner.
    pub lifetime: Option<Duration>,
}
