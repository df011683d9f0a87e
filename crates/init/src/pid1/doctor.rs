//! `doctor`: what this container permits, one fact on a line.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use boatyard_init::environment::{self, Environment};

use super::family::Reach;
use super::sys::process;
use super::{own_folder, path, say, sources};

/// What is in our file.
const LIBC: &str = if cfg!(target_env = "musl") {
    "musl"
} else {
    "glibc"
};

/// Prints the facts; returns the exit code.
pub fn run(environment: &Environment) -> u8 {
    let mut facts = Facts(String::new());
    facts.tell("C library", LIBC);
    let pid = process::id();
    let first = if pid == 1 {
        "yes"
    } else {
        "no: orphans come to it all the same"
    };
    facts.tell("PID 1", first);
    let reach = match Reach::find(pid) {
        Reach::Namespace => "all processes of the container are stopped after the main one",
        Reach::Family => "the processes below init are stopped after the main one",
        Reach::Nobody => {
            "nothing is stopped after the main process: /proc does not tell what there is"
        }
    };
    facts.tell("leftovers", reach);
    let uid = process::user();
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    match environment::account(&passwd, uid) {
        Some(account) => facts.tell("user", format_args!("{uid}, {}", account.name)),
        None => facts.tell(
            "user",
            format_args!("{uid}, without an entry in /etc/passwd"),
        ),
    }
    let limits = sources::limits();
    facts.tell("processors", limits.cores);
    match limits.memory_bytes {
        Some(bytes) => facts.tell("memory", format_args!("{} MiB", bytes >> 20)),
        None => facts.tell("memory", "no limit"),
    }
    for folder in ["/"].into_iter().chain(own_folder::SHARED) {
        let told = if is_writable(Path::new(folder)) {
            "can be written"
        } else {
            "cannot be written"
        };
        facts.tell(folder, told);
    }
    for shell in ["bash", "sh"] {
        let told = if path::has(shell, environment) {
            "there"
        } else {
            "not there"
        };
        facts.tell(shell, told);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (field, fact) in [
        ("NoNewPrivs", "no new privileges"),
        ("CapEff", "capabilities"),
        ("Seccomp", "seccomp"),
    ] {
        let value = status
            .lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        facts.tell(fact, value.map_or("unknown: there is no /proc", str::trim));
    }
    u8::from(!say::answer(&facts.0))
}

struct Facts(String);

impl Facts {
    fn tell(&mut self, what: &str, how: impl fmt::Display) {
        let _ = writeln!(self.0, "{what}: {how}");
    }
}

fn is_writable(folder: &Path) -> bool {
    let file = folder.join(format!(".boatyard-init-{}", process::id()));
    let made = fs::write(&file, "").is_ok();
    if made {
        let _ = fs::remove_file(file);
    }
    made
}
