//! Starting a sandbox: the helper's part, up to the fork.

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use super::channel::Channel;
use super::error::SandboxError;
use super::identity::Confinement;
use super::mount_point::MountPoints;
use super::order::{Identities, Isolation};
use super::spec::{Network, Spec};
use super::supervise::{self, Left};
use super::{chroot, command, init, mount};
use crate::sys;

/// Starts the sandbox, tells the channel how that went, and stays with it to its end.
pub(super) fn start(
    spec: &Spec,
    isolation: Isolation,
    identities: Identities,
    channel: &Channel,
) -> Result<(), SandboxError> {
    match isolation {
        Isolation::Namespaces => in_namespaces(spec, identities, channel),
        Isolation::Chroot => chroot::start(spec, identities, channel),
    }
}

fn in_namespaces(
    spec: &Spec,
    identities: Identities,
    channel: &Channel,
) -> Result<(), SandboxError> {
    let mut created = MountPoints::default();
    let outcome = created.create_for(spec).and_then(|()| {
        leave(spec)?;
        supervise::run(channel, Left::Namespace, |parent| {
            enter_root(spec, identities)?;
            if spec.init {
                init::stay_as_init(parent)?;
            }
            command::execute(
                &spec.program,
                &Confinement::of(&spec.program, identities, true),
                parent,
            )
        })
    });
    let removed = created.remove();
    outcome.and(removed)
}

/// Leaves the namespaces that the helper can leave. The mount namespace is left by the child, so that the helper can
/// clean up in the root as everybody sees it.
fn leave(spec: &Spec) -> Result<(), SandboxError> {
    let mut flags = UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    let mut which = "pid, ipc, uts".to_owned();
    match &spec.network {
        Network::Host => {}
        Network::Isolated => {
            flags |= UnshareFlags::NEWNET;
            which.push_str(", net");
        }
        Network::Join(path) => {
            let join = || {
                let file = std::fs::File::open(path)?;
                let kind = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(std::os::fd::AsFd::as_fd(&file), kind)
                    .map_err(std::io::Error::from)
            };
            join().map_err(|error| SandboxError::Network {
                path: path.clone(),
                cause: error.into(),
            })?;
        }
    }
    sys::namespace::unshare(flags).map_err(|error| SandboxError::Namespaces {
        which,
        cause: error.into(),
    })?;
    if spec.network == Network::Isolated {
        sys::network::loopback_up().map_err(|error| SandboxError::Namespaces {
            which: "loopback interface".to_owned(),
            cause: error.into(),
        })?;
    }
    Ok(())
}

/// In the child: its own mounts, its own root, its own name.
fn enter_root(spec: &Spec, identities: Identities) -> Result<(), SandboxError> {
    sys::namespace::unshare(UnshareFlags::NEWNS).map_err(|error| SandboxError::Namespaces {
        which: "mnt".to_owned(),
        cause: error.into(),
    })?;
    mount::build_and_enter(spec, identities)?;
    rustix::system::sethostname(spec.hostname.as_bytes()).map_err(|error| {
        SandboxError::Namespaces {
            which: "host name".to_owned(),
            cause: error.into(),
        }
    })
}
