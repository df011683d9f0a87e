//! Which capabilities a program keeps.

use rustix::io;
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, capability_is_in_bounding_set,
    clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
};

use super::spec::{Caps, Program};

/// What Docker gives to containers (moby, `oci/caps/defaults.go`): enough for package managers and for servers that
/// start as root and step down.
const DEFAULT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::MKNOD)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETFCAP)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::AUDIT_WRITE);

/// The most a program and its children can ever have.
pub(super) fn bounds(program: &Program) -> CapabilitySet {
    match program.caps {
        Caps::Build => DEFAULT,
        Caps::Run if program.user.uid == 0 => DEFAULT,
        Caps::Run | Caps::None => CapabilitySet::empty(),
    }
}

/// Takes everything outside of `bounds` out of the bounding set.
pub(super) fn bound(bounds: CapabilitySet) -> io::Result<()> {
    for number in 0..64 {
        let capability = CapabilitySet::from_bits_retain(1 << number);
        if bounds.contains(capability) {
            continue;
        }
        match capability_is_in_bounding_set(capability) {
            Ok(true) => remove_capability_from_bounding_set(capability)?,
            Ok(false) => {}
            // Past the last capability that this kernel knows.
            Err(io::Errno::INVAL) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Keeps of our own capabilities those in `bounds` for root, and none for others.
pub(super) fn keep(uid: u32, bounds: CapabilitySet) -> io::Result<()> {
    clear_ambient_capability_set()?;
    let kept = if uid == 0 {
        capabilities(None)?.permitted & bounds
    } else {
        CapabilitySet::empty()
    };
    set_capabilities(
        None,
        CapabilitySets {
            effective: kept,
            permitted: kept,
            inheritable: CapabilitySet::empty(),
        },
    )
}
