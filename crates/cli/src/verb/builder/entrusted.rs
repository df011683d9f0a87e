//! What a process of ours is entrusted with that somebody elsewhere hands his logins.

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::process;

use boatyard_store::registry::{Logins, Options};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use serde::de::DeserializeOwned;

use super::hearing;
use super::order::{self, OrderError};

/// Reads an order with logins; this process ends when who gave it is gone. Builds of others may run in this pod, as root, too: without
/// `CAP_SYS_PTRACE` they cannot look into a process that is not dumpable (ptrace(2), "Ptrace access mode checking").
pub fn order<T: DeserializeOwned>() -> Result<T, OrderError> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| OrderError::Conceal {
        source: error.into(),
    })?;
    let mut input = BufReader::new(io::stdin());
    let order = order::read(&mut input)?;
    hearing::watch(input, || process::exit(1));
    Ok(order)
}

/// How registries are spoken to, by variables of the order before our own.
pub fn options(variables: &BTreeMap<String, String>, logins: Logins) -> Options {
    let own = |name: &str| std::env::var(name).ok();
    let mut options =
        Options::from_variables(|name| variables.get(name).cloned().or_else(|| own(name)));
    options.credentials.given = logins;
    options
}
