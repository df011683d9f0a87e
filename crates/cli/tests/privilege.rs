//! With little: an ordinary user, and a container that may neither mount nor make namespaces.

mod somebody;
mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use somebody::{Somebody, give_away};
use support::{
    Traces, alone, copy_folder, http, is_root, kept_home, not_run, output, root, text, wait_for,
};

/// A folder that everybody may enter, with the command, the guestbook and a home in it.
struct Elsewhere {
    folder: tempfile::TempDir,
}

impl Elsewhere {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("boatyard-test")
            .tempdir_in("/var/tmp")
            .unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::copy(support::BOATYARD, folder.path().join("boatyard")).unwrap();
        copy_folder(
            &root().join("examples/guestbook"),
            &folder.path().join("guestbook"),
        );
        // On this machine's network its roles listen on these ports themselves: not those of everybody else's programs.
        let settings = folder.path().join("guestbook/boatyard.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(settings, text.replace("808", "4808")).unwrap();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        for part in ["cache", "tools"] {
            let kept = kept_home().join(part);
            if kept.is_dir() {
                copy_folder(&kept, &home.join(part));
            }
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The whole story of the guestbook, with each command run through `with`.
    fn guestbook_answers(&self, with: impl Fn(&[&str]) -> Command) -> String {
        let home = self.path("home");
        let before = Traces::now(&home);
        let run = |args: &[&str]| {
            let output = output(&mut with(args));
            assert!(
                output.status.success(),
                "{args:?}: {}",
                text(&output.stderr)
            );
            (text(&output.stdout), text(&output.stderr))
        };
        let (_, said) = run(&[
            "up",
            "-d",
            "--publish",
            "web=0",
            "--publish",
            "admin=0",
            "--timeout",
            "180s",
        ]);
        let (listing, _) = run(&["ps", "--json"]);
        let listing: serde_json::Value = serde_json::from_str(&listing).unwrap();
        let web = listing["processes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["name"] == "web")
            .unwrap();
        let url = web["url"].as_str().unwrap();
        let (status, _) = http(url, "POST", "/", "name=Ada&message=three+small+words").unwrap();
        assert_eq!(status, 303);
        wait_for("the worker's count", 30, || {
            let (_, body) = http(url, "GET", "/api/entries", "")?;
            body.contains("\"words\":3").then_some(())
        });
        let (id, _) = run(&["exec", "web", "--", "id", "-u"]);
        println!("the web role runs as {}", id.trim());
        run(&["down"]);
        let left = Traces::now(&home).left_since(&before);
        assert!(left.is_empty(), "left behind: {left:?}");
        said
    }

    fn command(&self, program: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new(program[0]);
        command
            .args(&program[1..])
            .arg(self.path("boatyard"))
            .arg("-C")
            .arg(self.path("guestbook"))
            .args(args)
            .current_dir("/")
            .env("BOATYARD_HOME", self.path("home"))
            .env("HOME", self.folder.path())
            .stdin(std::process::Stdio::null());
        command
    }
}

#[test]
fn an_ordinary_user_with_subordinate_ids() {
    let _alone = alone();
    if !is_root() {
        return not_run("making a user for the test needs root");
    }
    let somebody = match Somebody::new() {
        Ok(somebody) => somebody,
        Err(why) => return not_run(why),
    };
    let elsewhere = Elsewhere::new();
    give_away(&elsewhere.path("home"), &somebody.uid);
    let words = somebody.words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    elsewhere.guestbook_answers(|args| elsewhere.command(&words, args));
    // What is left belongs to subordinate ids: only root of their namespace, or of the machine, can remove it.
    give_away(&elsewhere.path("home"), "0");
}

#[test]
fn a_container_without_mounts_and_namespaces() {
    let _alone = alone();
    if !is_root() {
        return not_run("dropping capabilities from root needs root");
    }
    if !Path::new("/usr/sbin/capsh").exists() && !Path::new("/sbin/capsh").exists() {
        return not_run("capsh is not installed (Debian: libcap2-bin)");
    }
    let elsewhere = Elsewhere::new();
    // Docker's default set: no SYS_ADMIN, so neither mount nor unshare.
    let keep = "cap_chown,cap_dac_override,cap_fowner,cap_fsetid,cap_kill,cap_mknod,cap_net_bind_service,\
                cap_net_raw,cap_setfcap,cap_setgid,cap_setpcap,cap_setuid,cap_sys_chroot,cap_audit_write";
    let drop = format!("--drop={}", all_but(keep));
    let said = elsewhere.guestbook_answers(|args| {
        elsewhere.command(&["capsh", &drop, "--", "-c", "exec \"$0\" \"$@\""], args)
    });
    assert_eq!(
        said.matches("chroot").count(),
        1,
        "the limits of this machine are said once: {said}"
    );
}

/// Every capability that this machine knows but `keep`, separated by commas.
fn all_but(keep: &str) -> String {
    let keep: Vec<&str> = keep.split(',').map(str::trim).collect();
    let known = Command::new("capsh")
        .arg("--supports=cap_chown")
        .status()
        .is_ok();
    assert!(known);
    let last: u32 = std::fs::read_to_string("/proc/sys/kernel/cap_last_cap")
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let names = (0..=last).map(|number| {
        let output = Command::new("capsh")
            .arg(format!("--explain={number}"))
            .output()
            .unwrap();
        let line = text(&output.stdout);
        line.split(' ').next().unwrap_or_default().to_owned()
    });
    names
        .filter(|name| name.starts_with("cap_") && !keep.contains(&name.as_str()))
        .collect::<Vec<_>>()
        .join(",")
}
