//! What this user may do: tried in a child, which enters where the engine would.

use std::io::{Read, Write};

use boatyard_plan::failure::Failure;
use rustix::process::{WaitOptions, getegid, geteuid, waitpid};
use rustix::thread::UnshareFlags;
use serde::{Deserialize, Serialize};

use super::distribution::Distribution;
use super::examine::text;
use super::finding::Finding;
use crate::host::enter::gain;
use crate::host::error::HostError;
use crate::host::model::{Caller, Isolation, Options, Privilege};
use crate::host::probe::{Found, probe};
use crate::host::subordinate::{self, Missing};
use crate::host::userns;
use crate::network;
use crate::sys::{
    self,
    process::{Forked, fork},
};

/// What the child tells.
#[derive(Serialize, Deserialize)]
enum Told {
    Entered {
        privilege: Privilege,
        found: Option<Found>,
        outlet: Result<(), String>,
    },
    Refused {
        message: String,
        help: Option<String>,
    },
}

/// Findings about rights, identities, mounts and namespaces.
pub(super) fn findings(options: &Options, distribution: Distribution) -> Vec<Finding> {
    let caller = Caller {
        uid: geteuid().as_raw(),
        gid: getegid().as_raw(),
    };
    let told = in_a_child(options, caller).unwrap_or_else(|error| Told::Refused {
        message: with_cause(&error),
        help: error.help(),
    });
    match told {
        Told::Refused { message, help } => {
            let remedy = setting_against_namespaces()
                .or(help)
                .unwrap_or_else(|| "run as root".to_owned());
            vec![Finding::missing("rights", message, remedy)]
        }
        Told::Entered {
            privilege: Privilege::Confined,
            ..
        } => vec![confined()],
        Told::Entered {
            privilege,
            found,
            outlet,
        } => {
            let mut findings = vec![rights(privilege)];
            findings.extend((caller.uid != 0).then(|| identities(caller, privilege, distribution)));
            findings.extend(
                found
                    .iter()
                    .flat_map(|found| mounts_and_namespaces(found, options)),
            );
            let own = found.is_some_and(|found| found.network.is_ok());
            findings.extend(own.then(|| way_out(outlet)));
            findings
        }
    }
}

fn in_a_child(options: &Options, caller: Caller) -> Result<Told, HostError> {
    let error = |cause| HostError::Probe {
        what: "enter in a child",
        cause,
    };
    let (mut reader, mut writer) = std::io::pipe().map_err(error)?;
    match fork().map_err(error)? {
        Forked::Child => {
            drop(reader);
            let told = enter(options, caller).unwrap_or_else(|error| Told::Refused {
                message: with_cause(&error),
                help: error.help(),
            });
            let bytes = serde_json::to_vec(&told).expect("plain data");
            sys::process::exit(i32::from(writer.write_all(&bytes).is_err()))
        }
        Forked::Parent(child) => {
            drop(writer);
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map_err(error)?;
            let _ = waitpid(Some(child), WaitOptions::empty());
            serde_json::from_slice(&bytes).map_err(|cause| error(cause.into()))
        }
    }
}

fn enter(options: &Options, caller: Caller) -> Result<Told, HostError> {
    let privilege = gain(caller, &mut Vec::new())?;
    let scratch = options.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let found = (privilege != Privilege::Confined)
        .then(|| probe(&scratch, userns::inside()))
        .transpose()?;
    // This process has nothing else to do: its network need not be left again.
    let outlet = sys::namespace::unshare(UnshareFlags::NEWNET)
        .map_err(std::io::Error::from)
        .and_then(|()| network::device())
        .map(drop)
        .map_err(|error| error.to_string());
    Ok(Told::Entered {
        privilege,
        found,
        outlet,
    })
}

/// Whether processes in a network of their own can reach the outside.
fn way_out(outlet: Result<(), String>) -> Finding {
    const WHAT: &str = "way out of networks";
    match outlet {
        Ok(()) => Finding::ok(WHAT, "permitted"),
        Err(reason) => Finding::limited(
            WHAT,
            format!(
                "no TUN device ({reason}): processes of a project reach each other, but nothing outside"
            ),
            "sudo modprobe tun; sudo chmod 666 /dev/net/tun; or \"boatyard up --network host\"",
        ),
    }
}

fn with_cause(error: &HostError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn rights(privilege: Privilege) -> Finding {
    Finding::ok(
        "rights",
        match privilege {
            Privilege::Root => "root of this machine".to_owned(),
            Privilege::Mapped { count } => format!("root of a user namespace with {count} users"),
            Privilege::Single => "root of a user namespace with one user".to_owned(),
            Privilege::Confined => "root of a container".to_owned(),
        },
    )
}

fn confined() -> Finding {
    Finding::limited(
        "rights",
        "root without CAP_SYS_ADMIN, as in an ordinary container: chroot isolation, copied snapshots, this machine's \
         network",
        "run outside of the container as an ordinary user, or start the container with --privileged",
    )
}

/// Subordinate ids, and the programs that hand them out.
fn identities(caller: Caller, privilege: Privilege, distribution: Distribution) -> Finding {
    const WHAT: &str = "subordinate ids";
    let follows = "everything in containers belongs to one user";
    match subordinate::of_caller(caller) {
        Ok(found) if privilege != Privilege::Single => {
            let count: u64 = found.uids.iter().map(|range| u64::from(range.count)).sum();
            if count >= 65_536 {
                return Finding::ok(WHAT, format!("{count} for this user"));
            }
            Finding::limited(
                WHAT,
                format!("{count} for this user, fewer than the 65536 that images use"),
                "give this user a line with 65536 ids in /etc/subuid and in /etc/subgid",
            )
        }
        Ok(_) => Finding::limited(
            WHAT,
            follows,
            "run outside of the user namespace that this process is in",
        ),
        Err(missing @ Missing::Program(_)) => Finding::limited(
            WHAT,
            format!("{missing}: {follows}"),
            distribution.install_uidmap(),
        ),
        Err(Missing::Line { file, user }) => Finding::limited(
            WHAT,
            format!("user {user} has no line in {file}: {follows}"),
            format!("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"),
        ),
    }
}

fn mounts_and_namespaces(found: &Found, options: &Options) -> [Finding; 3] {
    let setting = || {
        setting_against_namespaces()
            .unwrap_or_else(|| "a kernel of 5.12 or later, outside of containers".into())
    };
    let finding =
        |what: &str, outcome: &Result<(), String>, follows: &str, remedy: String| match outcome {
            Ok(()) => Finding::ok(what, "permitted"),
            Err(reason) => Finding::limited(what, format!("{reason}: {follows}"), remedy),
        };
    let overlay = if found.in_user_namespace {
        "a kernel of 5.11 or later, and a store on ext4, xfs, btrfs or tmpfs (BOATYARD_HOME)"
    } else {
        "sudo modprobe overlay; and a store on ext4, xfs, btrfs or tmpfs (BOATYARD_HOME)"
    };
    let unwanted = |what: &str, follows: &str, variable: &str| {
        Finding::limited(
            what,
            format!("not wanted: {follows}"),
            format!("unset {variable}"),
        )
    };
    let (chroot, copy) = (
        "chroot isolation is used instead",
        "snapshots are copied, which is slower",
    );
    let processes = "process namespaces";
    let mounts = "overlay mounts";
    [
        if options.isolation == Some(Isolation::Chroot) && found.processes.is_ok() {
            unwanted(processes, chroot, "BOATYARD_ISOLATION")
        } else {
            finding(processes, &found.processes, chroot, setting())
        },
        if options.copy_snapshots && found.overlay.is_ok() {
            unwanted(mounts, copy, "BOATYARD_SNAPSHOTS")
        } else {
            finding(mounts, &found.overlay, copy, overlay.to_owned())
        },
        finding(
            "network namespaces",
            &found.network,
            "this machine's network is used instead",
            setting(),
        ),
    ]
}

/// The setting that keeps ordinary users from namespaces, if it is one that we know, and how to change it.
fn setting_against_namespaces() -> Option<String> {
    let settings = [
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
        ("user.max_user_namespaces", "0", "15000"),
        ("user.max_net_namespaces", "0", "15000"),
    ];
    settings.into_iter().find_map(|(name, against, better)| {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        (text(path) == against)
            .then(|| format!("sudo sysctl -w {name}={better} (and in /etc/sysctl.d to keep it)"))
    })
}
