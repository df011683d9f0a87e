//! Ports of pods, here.

use std::io::{self, Write as _};

use boatyard_cluster::deploy::Stop;
use boatyard_cluster::forward::{Told, Wish};
use boatyard_plan::failure::{Failure, Fault};
use serde_json::json;

use super::place::{Place, first};
use crate::args::forward::Forward;
use crate::colour::WARNING;
use crate::project::{self, Named};
use crate::signals;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Two roles were named.
#[derive(Debug, thiserror::Error)]
#[error("ports of one role at a time: {second:?} is another, or no port")]
struct TwoRoles {
    second: String,
}

impl Failure for TwoRoles {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some("boatyard port-forward --context CONTEXT [ROLE] [[LOCAL:]REMOTE]...".to_owned())
    }
}

/// Leads ports here to pods of a role, until we are asked to end.
pub fn forward(named: Named<'_>, words: &Forward, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let role = words.role().map_err(|second| TwoRoles {
        second: second.to_owned(),
    })?;
    let role = first(&found, role)?;
    let place = Place::new(&words.context, words.namespace.as_deref());
    let (cluster, owner) = place.connect(&found)?;
    let stop = Stop::default();
    let asked = stop.clone();
    signals::each(move |_| asked.now())?;
    let wish = Wish {
        process: role.to_owned(),
        ports: words.ports(),
        address: words.address,
    };
    cluster.forward(&owner, &wish, &stop, &|told| tell(told, role, voice))?;
    Ok(())
}

fn tell(told: &Told<'_>, role: &str, voice: &Voice) {
    // Nobody is left to be told when a stream is closed; the ports stay open.
    if voice.json {
        let line = match told {
            Told::Open { address, remote } => {
                json!({"event": "forwards", "address": address, "role": role, "port": remote})
            }
            Told::Failed { remote, why } => {
                json!({"event": "failed", "role": role, "port": remote, "message": why})
            }
        };
        let _ = writeln!(io::stdout(), "{line}");
        return;
    }
    let _ = match told {
        // As kubectl says it: scripts wait for it.
        Told::Open { address, remote } => {
            writeln!(io::stdout(), "Forwarding from {address} -> {remote}")
        }
        Told::Failed { remote, why } => writeln!(
            io::stderr(),
            "{} a connection to port {remote} of {role} failed: {why}",
            voice.err.paint(WARNING, "warning:")
        ),
    };
}
