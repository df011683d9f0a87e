//! The k8s form: a numeric user that is not root, exec form, boatyard-init as PID 1, no HEALTHCHECK, nothing left over.

use boatyard_init::contract::BINARY;

use super::command::{Exec, OwnInit, exec, own_init};
use super::owner;
use super::{Addition, Change, Derived, Facts, Remark, Wishes};
use crate::build::Action;
use crate::image::RunConfig;

/// The label that keeps the command of a HEALTHCHECK, as JSON, for whoever writes probes.
const HEALTH_LABEL: &str = "dev.boatyard.healthcheck";

/// The first port that everybody may listen on.
const FIRST_FREE_PORT: u16 = 1024;

/// Makes the k8s form of an image.
pub(super) fn harden(derived: &mut Derived, facts: &Facts, wishes: &Wishes) {
    user(derived, facts, wishes);
    entry_point(derived, facts);
    health(derived);
    leftovers(derived, facts);
}

fn change(derived: &mut Derived, what: impl Into<String>, why: &str) {
    derived.changes.push(Change {
        what: what.into(),
        why: why.to_owned(),
    });
}

fn user(derived: &mut Derived, facts: &Facts, wishes: &Wishes) {
    let before = derived.config.user.clone();
    let shown = if before.is_empty() { "root" } else { &before };
    let (uid, gid) = match facts.account {
        Some(ids @ (uid, _)) if uid != 0 && !wishes.always => ids,
        _ => (wishes.user.uid, wishes.user.gid),
    };
    let numeric = format!("{uid}:{gid}");
    let why = match facts.account {
        Some((0, _)) => "a cluster that enforces the restricted profile runs nothing as root",
        None => "the image does not know this user, and a cluster wants its number",
        Some(_) if wishes.always => "the user that was asked for",
        Some(_) if is_numeric(&before) => return low_ports(derived, &before),
        Some(_) => "a cluster cannot tell from a name that it is not root",
    };
    if before == numeric {
        return low_ports(derived, &numeric);
    }
    change(derived, format!("USER {shown} -> {numeric}"), why);
    derived.config.user.clone_from(&numeric);
    low_ports(derived, &numeric);
    if facts.account == Some((uid, gid)) {
        return;
    }
    derived
        .remarks
        .extend(owner::remarks(&facts.written, uid, gid));
    let taken = |text: &str, id: u32| {
        text.lines().any(|line| {
            let mut fields = line.split(':');
            fields.next() == Some(&wishes.user.name) || fields.nth(1) == Some(&id.to_string())
        })
    };
    if taken(&facts.passwd, uid) || taken(&facts.group, gid) {
        return;
    }
    derived.additions.push(Addition {
        title: format!("user {} ({numeric})", wishes.user.name),
        why: "libraries look up who they are: without an entry in /etc/passwd some fail".to_owned(),
        action: Action::User {
            user: wishes.user.clone(),
        },
    });
    // The user that is added has a home of its own; nobody but root may look into root's.
    let home = format!("HOME=/home/{}", wishes.user.name);
    let mut env = derived.config.env.iter_mut();
    if let Some(pair) = env.find(|pair| *pair == "HOME=/root") {
        pair.clone_from(&home);
        change(derived, home, "root's home is closed to others");
    }
}

/// `uid` or `uid:gid`.
fn is_numeric(user: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match user.split_once(':') {
        Some((uid, gid)) => digits(uid) && digits(gid),
        None => digits(user),
    }
}

fn low_ports(derived: &mut Derived, user: &str) {
    let ports = derived.config.exposed_ports.keys();
    let number = |port: &String| port.split('/').next()?.parse::<u16>().ok();
    let low: Vec<u16> = ports
        .filter_map(number)
        .filter(|port| *port < FIRST_FREE_PORT)
        .collect();
    for port in low {
        derived.remarks.push(Remark {
            message: format!("not every cluster lets user {user} listen on port {port}"),
            help: format!("listen on a port from {FIRST_FREE_PORT} on"),
        });
    }
}

fn entry_point(derived: &mut Derived, facts: &Facts) {
    let RunConfig {
        entrypoint, cmd, ..
    } = derived.config.clone();
    let (mut entry, mut cmd) = (entrypoint.unwrap_or_default(), cmd.unwrap_or_default());
    if entry.first().is_some_and(|first| first == BINARY) {
        return;
    }
    let mut group = false;
    match own_init(&entry) {
        OwnInit::None => {}
        OwnInit::Replaceable {
            name,
            rest,
            group: whole,
        } => {
            change(
                derived,
                format!("{name} -> boatyard-init"),
                "one init is enough, and boatyard-init does what it did",
            );
            group = whole;
            entry = rest.to_vec();
        }
        OwnInit::Kept { name } => {
            derived.remarks.push(Remark {
                message: format!("{name} stays PID 1 of the k8s form: it has flags of its own"),
                help: "leave the flags out, or see what boatyard-init has for them: boatyard-init --help"
                    .to_owned(),
            });
            return;
        }
    }
    exec_form(derived, &mut entry, &mut cmd);
    let mut words = vec![BINARY.to_owned()];
    if !(entry.is_empty() && cmd.is_empty()) {
        words.extend(group.then(|| "-g".to_owned()));
        words.extend(["exec", "--"].map(str::to_owned));
        words.append(&mut entry);
    }
    change(
        derived,
        format!("ENTRYPOINT {}", shown(&words)),
        "PID 1 forwards signals, reaps, and ends what is left over",
    );
    derived.config.entrypoint = Some(words);
    derived.config.cmd = Some(cmd).filter(|cmd| !cmd.is_empty());
    if !facts.has_init {
        derived.additions.push(Addition {
            title: "boatyard-init".to_owned(),
            why: "PID 1: forwards signals, reaps".to_owned(),
            action: Action::Init,
        });
    }
}

/// Takes shells out of the way of signals.
fn exec_form(derived: &mut Derived, entry: &mut Vec<String>, cmd: &mut Vec<String>) {
    const WHY: &str = "a shell that stays does not pass signals on";
    let (name, words) = if entry.is_empty() {
        ("CMD", &mut *cmd)
    } else {
        ("ENTRYPOINT", &mut *entry)
    };
    match exec(words) {
        Exec::AsItIs => {}
        Exec::Words(found) => {
            change(derived, format!("{name} {}", shown(&found)), WHY);
            *words = found;
            if name == "ENTRYPOINT" {
                // They were arguments of the shell, which the program never saw.
                cmd.clear();
            }
        }
        Exec::Line(found) => {
            change(derived, format!("{name} {}", shown(&found)), WHY);
            *words = found;
        }
        Exec::Stays { line } => derived.remarks.push(Remark {
            message: format!("a shell stays between boatyard-init and the application: {line}"),
            help: "begin the last command of the line with exec".to_owned(),
        }),
    }
}

/// Words as a Dockerfile has them in exec form.
fn shown(words: &[String]) -> String {
    serde_json::to_string(words).expect("words are plain text")
}

fn health(derived: &mut Derived) {
    let Some(check) = derived.config.healthcheck.take() else {
        return;
    };
    if matches!(check.test.first().map(String::as_str), None | Some("NONE")) {
        return;
    }
    let text = serde_json::to_string(&check).expect("plain data");
    let command = shown(&check.test);
    derived.config.labels.insert(HEALTH_LABEL.to_owned(), text);
    change(
        derived,
        format!("HEALTHCHECK {command} -> label {HEALTH_LABEL}"),
        "a cluster asks by probes and ignores it; the label is there for who writes them",
    );
}

fn leftovers(derived: &mut Derived, facts: &Facts) {
    if facts.leftovers.is_empty() {
        return;
    }
    let why = "caches and tests that nobody needs when the application runs";
    change(
        derived,
        format!("without {}", facts.leftovers.join(", ")),
        why,
    );
    derived.additions.push(Addition {
        title: format!("remove {}", facts.leftovers.join(", ")),
        why: why.to_owned(),
        action: Action::Remove {
            paths: facts.leftovers.clone(),
        },
    });
}
