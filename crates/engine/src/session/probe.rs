//! Asks a process over the network whether it is ready.

use std::time::Duration;

use boatyard_plan::run::Probe;

use crate::network::{self, Namespace};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked, for people.
pub(super) fn shown(probe: &Probe) -> String {
    match probe {
        Probe::Http { port, path } => format!("GET http://127.0.0.1:{port}{path}"),
        Probe::Tcp { port } => format!("connect to 127.0.0.1:{port}"),
        Probe::Exec { line } => line.clone(),
    }
}

/// Asks once. `Err` says why it is not ready.
pub(super) fn ask(inside: Option<&Namespace>, probe: &Probe) -> Result<(), String> {
    match probe {
        Probe::Tcp { port } => {
            network::tcp(inside, *port, PATIENCE).map_err(|error| error.to_string())
        }
        Probe::Http { port, path } => match network::http(inside, *port, path, PATIENCE) {
            Ok(200..=399) => Ok(()),
            Ok(status) => Err(format!("status {status}")),
            Err(error) => Err(error.to_string()),
        },
        Probe::Exec { .. } => Err("a command is asked inside its container".to_owned()),
    }
}
