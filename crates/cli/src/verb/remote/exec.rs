//! A program in a pod.

use std::io;

use boatyard_cluster::process::Command;
use boatyard_init::contract;

use super::place::{Place, first};
use super::terminal::Raw;
use crate::project::{self, Found, Named};
use crate::stopped::Stopped;
use crate::verb::exec::on_terminal;

/// Runs a command in a pod of a role, as its user and with its environment; ends with its exit code.
pub fn exec(
    named: Named<'_>,
    place: &Place<'_>,
    role: &str,
    command: &[String],
) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let words = ["exec", "--"].map(str::to_owned).into_iter();
    inside(
        &found,
        place,
        role,
        words.chain(command.iter().cloned()).collect(),
    )
}

/// Opens a shell in a pod of a role.
pub fn shell(named: Named<'_>, place: &Place<'_>, role: Option<&str>) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let role = first(&found, role)?;
    inside(&found, place, role, vec!["shell".to_owned()])
}

/// Runs words of boatyard-init in a pod.
fn inside(found: &Found, place: &Place<'_>, role: &str, words: Vec<String>) -> Result<(), Stopped> {
    let (cluster, owner) = place.connect(found)?;
    let (raw, terminal) = match on_terminal().then(Raw::enter) {
        Some(entered) => {
            let (raw, terminal) = entered?;
            (Some(raw), Some(terminal))
        }
        None => (None, None),
    };
    let init = std::iter::once(contract::BINARY.to_owned());
    let command = Command {
        process: role,
        words: init.chain(words).collect(),
        input: Box::new(io::stdin()),
        output: Box::new(io::stdout()),
        errors: Box::new(io::stderr()),
        terminal,
    };
    let code = cluster.exec(&owner, command);
    // Before anything else is said.
    drop(raw);
    match code? {
        0 => Ok(()),
        code => Err(Stopped::Ended(code)),
    }
}
