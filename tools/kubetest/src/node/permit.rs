//! Whether this machine can have a node.

use std::env;
use std::path::Path;

use rustix::process::geteuid;
use rustix::thread::{CapabilitySet, capabilities};

use crate::expected::Lack;

/// What a node is made of, beside the program; the names of Debian's packages, and what is looked for.
const PROGRAMS: [(&str, &str); 8] = [
    ("containerd", "containerd"),
    ("runc", "runc"),
    ("docker-registry", "docker-registry"),
    ("nftables", "nft"),
    ("iproute2", "ip"),
    ("util-linux", "unshare"),
    ("util-linux", "nsenter"),
    ("containernetworking-plugins", "/usr/lib/cni/ptp"),
];

/// Says what is missing.
pub fn check() -> Result<(), Lack> {
    if !geteuid().is_root() {
        let reason = "a node needs root";
        return Err(Lack::Refused(reason.to_owned()));
    }
    let needed = CapabilitySet::SYS_ADMIN | CapabilitySet::NET_ADMIN | CapabilitySet::MKNOD;
    let ours = capabilities(None).map(|sets| sets.effective);
    if !ours.is_ok_and(|ours| ours.contains(needed)) {
        let reason = "a node needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_MKNOD";
        return Err(Lack::Refused(reason.to_owned()));
    }
    for (package, program) in PROGRAMS {
        if !is_there(program) {
            let reason = format!("no node here: {package} is not installed");
            return Err(Lack::Absent(reason));
        }
    }
    Ok(())
}

fn is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // An absolute path stays what it is.
    env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
