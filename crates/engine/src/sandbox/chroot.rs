//! A sandbox without namespaces and mounts: only another root folder. For ordinary containers, whose root has no
//! `CAP_SYS_ADMIN`. Programs see this machine's network and processes; what a spec binds is placed in the root for the
//! run and taken out again.

use rustix::process::{chdir, chroot};

use super::channel::Channel;
use super::command;
use super::error::SandboxError;
use super::identity::Confinement;
use super::order::Identities;
use super::spec::Spec;
use super::supervise::{self, Left};

/// Starts the program, tells the channel how that went, and stays with it to its end.
pub(super) fn start(
    spec: &Spec,
    identities: Identities,
    channel: &Channel,
) -> Result<(), SandboxError> {
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
}
