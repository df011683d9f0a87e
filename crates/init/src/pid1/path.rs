//! The search path.

use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use boatyard_init::environment::Environment;

/// The search path where the environment has none: that of container images.
const DEFAULT: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the program may be, in order of the search path; a name with a slash is only itself. Never empty.
pub fn candidates(name: &CStr, environment: &Environment) -> Vec<CString> {
    let bytes = name.to_bytes();
    if bytes.is_empty() || bytes.contains(&b'/') {
        return vec![name.to_owned()];
    }
    let path = environment.get("PATH").unwrap_or(DEFAULT);
    path.split(|&byte| byte == b':')
        .filter_map(|folder| {
            // An empty entry is the current folder, as for every shell.
            let folder = if folder.is_empty() { b"." } else { folder };
            CString::new([folder, b"/", bytes].concat()).ok()
        })
        .collect()
}

/// Whether the search path has an executable file of this name.
pub fn has(name: &str, environment: &Environment) -> bool {
    CString::new(name).is_ok_and(|name| first(&name, environment).is_some())
}

/// The first executable file of this name in the search path, or the one that it names itself.
pub fn first(name: &CStr, environment: &Environment) -> Option<CString> {
    candidates(name, environment).into_iter().find(|path| {
        std::fs::metadata(OsStr::from_bytes(path.to_bytes()))
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}
