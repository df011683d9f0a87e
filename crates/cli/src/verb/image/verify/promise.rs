//! What an image promises: by its configuration, by its contract, by the words of the command line.

use std::time::Duration;

use boatyard_init::contract::{self, Contract};
use boatyard_init::signal::Signal;
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::RunConfig;
use boatyard_plan::variant::{LABEL, Variant};
use boatyard_plan::verify::Promised;

use crate::args::verify::Verify;

/// How long Docker waits before it kills.
const USUAL_GRACE: Duration = Duration::from_secs(10);

/// The image has no such role.
#[derive(Debug, thiserror::Error)]
#[error("{image} has no role {role:?}")]
pub struct NoRole {
    image: String,
    role: String,
    known: Vec<String>,
}

impl Failure for NoRole {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(if self.known.is_empty() {
            "it was not built from a boatyard.toml, so it has no roles".to_owned()
        } else {
            format!("its roles: {}", self.known.join(", "))
        })
    }
}

/// What is promised, and how it is started.
#[derive(Debug)]
pub struct Promise {
    /// What is judged.
    pub promised: Promised,
    /// Arguments of the entry point; `None`: the image's own.
    pub args: Option<Vec<String>>,
    /// The role that is started, if it has roles.
    pub role: Option<String>,
    /// The signal that it is stopped with.
    pub signal: Signal,
    /// What it is for.
    pub variant: Variant,
}

impl Promise {
    /// Puts together what configuration, contract and words say.
    pub fn of(
        words: &Verify,
        config: &RunConfig,
        contract: Option<&Contract>,
    ) -> Result<Self, NoRole> {
        let signal = config
            .stop_signal
            .as_deref()
            .and_then(Signal::parse)
            .unwrap_or_else(|| Signal::parse("TERM").expect("it has a number"));
        let is_ours = config
            .entrypoint
            .iter()
            .flatten()
            .next()
            .is_some_and(|first| first == contract::BINARY);
        let contract = contract.filter(|_| is_ours);
        let name = words
            .role
            .clone()
            .or_else(|| contract?.default_role.clone());
        let role = match (&name, contract) {
            (Some(name), Some(contract)) => contract.roles.get(name),
            _ => None,
        };
        if let (Some(name), None) = (&words.role, role) {
            let roles = contract.iter().flat_map(|contract| contract.roles.keys());
            return Err(NoRole {
                image: words.image.to_string(),
                role: name.clone(),
                known: roles.cloned().collect(),
            });
        }
        let variant = words.variant.unwrap_or_else(|| labelled(config));
        let ports = match (role, contract) {
            (Some(role), _) => role.port.into_iter().collect(),
            (None, Some(_)) => Vec::new(),
            (None, None) => exposed(config),
        };
        let of_role = role.map(|role| Duration::from_secs(role.stop.grace_secs));
        Ok(Self {
            promised: Promised {
                user: config.user.clone(),
                is_hardened: variant == Variant::K8s,
                ports,
                grace: words.grace.or(of_role).unwrap_or(USUAL_GRACE),
                signal: signal.to_string(),
            },
            args: words
                .role
                .as_ref()
                .map(|role| vec!["start".to_owned(), role.clone()]),
            role: role.and(name),
            signal,
            variant,
        })
    }
}

/// The variant that the label says; without it, the author's own.
fn labelled(config: &RunConfig) -> Variant {
    let label = config.labels.get(LABEL);
    label
        .and_then(|name| Variant::named(name))
        .unwrap_or(Variant::Docker)
}

/// Ports of TCP that the configuration says.
fn exposed(config: &RunConfig) -> Vec<u16> {
    let ports = config.exposed_ports.keys();
    ports
        .filter_map(|port| port.strip_suffix("/tcp").unwrap_or(port).parse().ok())
        .collect()
}
