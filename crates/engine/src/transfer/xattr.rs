//! Extended attributes that belong into layers.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use boatyard_store::DiskError;
use rustix::io::Errno;

/// The kernel's limits (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const MAX: usize = 1 << 16;

/// The attributes of a file or folder that layers carry: capabilities, and what users set. Not overlayfs' own.
pub(super) fn read(path: &Path) -> Result<BTreeMap<OsString, Vec<u8>>, DiskError> {
    let mut carried = BTreeMap::new();
    let failed = |errno: Errno| DiskError::new("read the attributes of", path, errno.into());
    let mut few = [0_u8; 256];
    let mut many = Vec::new();
    let names: &[u8] = match rustix::fs::llistxattr(path, &mut few[..]) {
        Ok(0) | Err(Errno::NOTSUP) => return Ok(carried),
        Ok(length) => &few[..length],
        Err(Errno::RANGE) => {
            many.resize(MAX, 0);
            let length = rustix::fs::llistxattr(path, &mut many[..]).map_err(failed)?;
            &many[..length]
        }
        Err(errno) => return Err(failed(errno)),
    };
    for name in names.split(|&byte| byte == 0) {
        if !carries(name) {
            continue;
        }
        let name = OsStr::from_bytes(name);
        let mut value = vec![0; MAX];
        match rustix::fs::lgetxattr(path, name, &mut value[..]) {
            Ok(length) => {
                value.truncate(length);
                carried.insert(name.to_owned(), value);
            }
            Err(Errno::NODATA) => {}
            Err(errno) => return Err(failed(errno)),
        }
    }
    Ok(carried)
}

/// Whether layers carry an attribute of this name.
pub(super) fn carries(name: &[u8]) -> bool {
    name == b"security.capability"
        || (name.starts_with(b"user.") && !name.starts_with(b"user.overlay."))
}
