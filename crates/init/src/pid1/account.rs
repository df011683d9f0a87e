//! Our account in the environment: a random user id is in no file, and programs fail that ask for its name.

use std::fs;
use std::path::{Path, PathBuf};

use boatyard_init::environment::{self, Environment};
use boatyard_init::hook::Layout;

use super::own_folder;
use super::sys::process;

/// The name of a user who has none, as Red Hat's images have it.
const NAMELESS: &str = "default";

/// Where the library may be that answers from files of our own who a user is.
const WRAPPERS: [&str; 4] = [
    "/usr/lib/libnss_wrapper.so",
    "/usr/lib64/libnss_wrapper.so",
    "/usr/lib/x86_64-linux-gnu/libnss_wrapper.so",
    "/usr/lib/aarch64-linux-gnu/libnss_wrapper.so",
];

/// Sets `HOME`, `USER` and `LOGNAME` where they are not. A user without an entry gets one where the library for that is
/// in the image and some folder can be written; nothing fails where not.
pub fn name_us(environment: &mut Environment, layout: &Layout) {
    let uid = process::user();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = environment::account(&passwd, uid);
    let (name, home) = match &account {
        Some(account) => (account.name.as_str(), account.home.clone()),
        None => (NAMELESS, layout.source.to_string_lossy().into_owned()),
    };
    // Container runtimes say `/` for a user whom they do not find.
    let has_home = environment.has_text("HOME") && environment.get("HOME") != Some(b"/");
    if !has_home {
        environment.set("HOME", home.as_bytes());
    }
    environment.set_default("USER", name);
    environment.set_default("LOGNAME", name);
    let is_wrapped = environment.has_text("NSS_WRAPPER_PASSWD");
    if account.is_none() && !is_wrapped {
        wrap(environment, &passwd, uid, &home);
    }
}

fn wrap(environment: &mut Environment, passwd: &str, uid: u32, home: &str) {
    let Some(library) = WRAPPERS.iter().find(|path| Path::new(path).is_file()) else {
        return;
    };
    let group = process::group();
    let text = format!("{passwd}{NAMELESS}:x:{uid}:{group}::{home}:/bin/sh\n");
    let written = own_folder::own(environment)
        .find_map(|folder| Some((own_folder::write(&folder, "passwd", &text).ok()?, folder)));
    let Some((file, folder)) = written else {
        return;
    };
    let preload = match environment.get("LD_PRELOAD") {
        Some(before) if !before.is_empty() => [before, b" ", library.as_bytes()].concat(),
        _ => library.as_bytes().to_vec(),
    };
    environment.set("LD_PRELOAD", preload);
    environment.set(
        "NSS_WRAPPER_PASSWD",
        file.into_os_string().into_encoded_bytes(),
    );
    let groups = groups(&folder, group);
    environment.set(
        "NSS_WRAPPER_GROUP",
        groups.into_os_string().into_encoded_bytes(),
    );
}

/// The image's groups. The library takes no missing file for an empty one: whoever asks would be told of a mistake.
fn groups(folder: &Path, group: u32) -> PathBuf {
    let image = PathBuf::from("/etc/group");
    if image.is_file() {
        return image;
    }
    own_folder::write(folder, "group", &format!("{NAMELESS}:x:{group}:\n")).unwrap_or(image)
}
