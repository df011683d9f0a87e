//! A sandbox without namespaces and mounts: only another root folder. For ordinary containers, whose root has no
//! `CAP_SYS_ADMIN`. Programs see this machine's network and processes; what a spec binds is placed in the root for the
//! run and taken out again.

use rustix::process::{chdir, chroot};

use super::channel::Channel;
use super::command;
use super::error::SandboxError;
use super::identity::Confinement;
use super::order::Identities;
use super::place::Placed;
use super::spec::Spec;
use super::supervise::{self, Left};

/// Starts the program, tells the channel how that went, and stays with it to its end.
pub(super) fn start(
    spec: &Spec,
    identities: Identities,
    channel: &Channel,
) -> Result<(), SandboxError> {
    let mut placed = Placed::default();
    let outcome = placed.place_for(spec).and_then(|()| {
        // Whoever wants to join finds the root as our working directory: the program's own root cannot be seen by
        // root of a container once the program has become another user (proc_pid_root(5)).
        chdir(&spec.root).map_err(|error| SandboxError::Root {
            root: spec.root.clone(),
            cause: error.into(),
        })?;
        supervise::run(channel, Left::Orphans, |parent| {
            chroot(&spec.root)
                .and_then(|()| chdir("/"))
                .map_err(|error| SandboxError::Root {
                    root: spec.root.clone(),
                    cause: error.into(),
                })?;
            let confinement = Confinement::of(&spec.program, identities, false);
            command::execute(&spec.program, &confinement, parent)
        })
    });
    let taken = placed.take_out();
    outcome.and(taken)
}
