//! Running the cases as different kinds of users, without changing this machine.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

/// A user that this machine does not have.
const UID: u32 = 61_234;
/// What Docker leaves to root of a container.
const CONTAINER: &str = "-all,+chown,+dac_override,+fsetid,+fowner,+mknod,+net_raw,+setgid,+setuid,+setfcap,+setpcap,\
                         +net_bind_service,+sys_chroot,+kill,+audit_write";

/// Runs this binary once as each kind of user. Says whether a case failed.
pub fn run_as_each(word: &str) -> bool {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = scratch.path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("readable by all");
    // The target folder may be closed to others.
    let binary = folder.join("cases");
    fs::copy(std::env::current_exe().expect("this binary"), &binary)
        .expect("a copy of this binary");
    if !rustix::process::geteuid().is_root() {
        println!("as root, as root of a container: not run (this is an ordinary user)");
        return run(Command::new(&binary).arg(word), "user", folder);
    }
    let mut failed = run(Command::new(&binary).arg(word), "root", folder);
    failed |= run(&mut as_container_root(&binary, word), "confined", folder);
    let missing = ["/usr/bin/newuidmap", "/etc/subuid", "/etc/subgid"]
        .into_iter()
        .find(|file| !Path::new(file).exists());
    if let Some(file) = missing {
        println!("as an ordinary user: not run ({file} is missing; Debian: uidmap)");
        return failed;
    }
    for (kind, subordinate) in [("rootless", true), ("single", false)] {
        failed |= run(
            &mut as_user(&binary, word, folder, kind, subordinate),
            kind,
            folder,
        );
    }
    failed
}

fn run(command: &mut Command, kind: &str, folder: &Path) -> bool {
    let own = folder.join(kind);
    fs::create_dir_all(&own).expect("a folder for each kind");
    if kind == "rootless" || kind == "single" {
        chown(&own, Some(UID), Some(UID)).expect("his own folder");
    }
    let status = command
        .env("BOATYARD_TEST_AS", kind)
        .env("TMPDIR", &own)
        .status();
    !status
        .unwrap_or_else(|error| panic!("cannot run as {kind}: {error}"))
        .success()
}

fn as_container_root(binary: &Path, word: &str) -> Command {
    let mut command = Command::new("setpriv");
    command
        .arg("--bounding-set")
        .arg(CONTAINER)
        .arg(binary)
        .arg(word);
    command
}

/// A user who exists in a mount namespace only, where other files lie over those of /etc.
fn as_user(binary: &Path, word: &str, folder: &Path, kind: &str, subordinate: bool) -> Command {
    let etc = folder.join(format!("{kind}-etc"));
    fs::create_dir(&etc).expect("a folder for files of /etc");
    let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    fs::write(
        etc.join("passwd"),
        format!("{passwd}boatyard-test:x:{UID}:{UID}::/:/bin/sh\n"),
    )
    .expect("passwd");
    let line = if subordinate {
        "boatyard-test:700000:65536\n"
    } else {
        ""
    };
    for file in ["subuid", "subgid"] {
        fs::write(etc.join(file), line).expect("subordinate ids");
    }
    let script = "for file in passwd subuid subgid; do mount --bind \"$0/$file\" \"/etc/$file\"; done\n\
                  exec setpriv --reuid \"$1\" --regid \"$1\" --clear-groups -- \"$2\" \"$3\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-ec", script]);
    command.arg(etc).arg(UID.to_string()).arg(binary).arg(word);
    command
}
