//! From observations to checks.

use super::model::{Check, Identity, Observed, Orphan, Outcome, Promised, Started};
use super::stop;

/// All checks that need a running container, in the order in which they are told.
pub fn judge(promised: &Promised, observed: &Observed) -> Vec<Check> {
    let mut checks = vec![start(promised, &observed.start), user(promised, observed)];
    if let Some(why) = why_not(&observed.start) {
        checks.extend(
            ["signal", "stop", "zombies"]
                .map(|name| Check::new(name, Outcome::NotRun, why.clone())),
        );
    } else {
        checks.push(stop::signal(promised, observed));
        checks.push(stop::time(promised, observed));
        checks.push(zombies(observed));
    }
    let root = "with a read-only root and /tmp in memory";
    let user = "as another user of group 0";
    checks.push(again("read-only", root, &observed.read_only, observed));
    checks.push(again("any-user", user, &observed.any_user, observed));
    checks
}

fn start(promised: &Promised, start: &Started) -> Check {
    let name = "start";
    let ports = promised
        .ports
        .iter()
        .map(u16::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    match start {
        Started::Runs { after } => {
            let listens = if ports.is_empty() {
                String::new()
            } else {
                format!(" and listens (one of: {ports})")
            };
            let said = format!("runs after {}{listens}", seconds(*after));
            Check::new(name, Outcome::Passed, said).took(*after)
        }
        Started::Deaf { after } => {
            let said = format!(
                "nothing listens after {} (expected one of: {ports})",
                seconds(*after)
            );
            Check::new(name, Outcome::Failed, said).took(*after)
        }
        Started::Ended { code: 0, after, .. } => {
            let said = format!(
                "ended by itself with 0 after {}: work that is done, no service",
                seconds(*after)
            );
            Check::new(name, Outcome::Passed, said).took(*after)
        }
        Started::Ended { .. } | Started::Refused { .. } => {
            Check::new(name, Outcome::Failed, ended(start))
        }
        Started::NotRun { why } => Check::new(name, Outcome::NotRun, why.clone()),
    }
}

/// Why a container that started so cannot be asked more.
fn why_not(start: &Started) -> Option<String> {
    match start {
        Started::Runs { .. } | Started::Deaf { .. } => None,
        Started::NotRun { why } => Some(why.clone()),
        Started::Ended { code: 0, .. } => Some("it ended by itself with 0".to_owned()),
        Started::Ended { .. } | Started::Refused { .. } => Some("it does not start".to_owned()),
    }
}

/// What became of a start that failed.
fn ended(start: &Started) -> String {
    match start {
        Started::Ended { code, after, lines } => {
            let last = if lines.is_empty() {
                String::new()
            } else {
                format!(": {}", lines.join(" | "))
            };
            format!("ended with {code} after {}{last}", seconds(*after))
        }
        Started::Refused { why } => format!("cannot be executed: {why}"),
        Started::Deaf { after } => format!("nothing listens after {}", seconds(*after)),
        Started::Runs { .. } | Started::NotRun { .. } => String::new(),
    }
}

fn user(promised: &Promised, observed: &Observed) -> Check {
    let name = "user";
    let said = match promised.user.as_str() {
        "" => "no USER",
        user => user,
    };
    let mut wrong = Vec::new();
    let mut parts = promised.user.splitn(2, ':');
    let number = parts.next().unwrap_or_default().parse::<u32>();
    let group = parts.next().map(str::parse::<u32>);
    if promised.is_hardened {
        match number {
            Ok(0) => wrong.push("root".to_owned()),
            Ok(_) => {}
            Err(_) if promised.user.is_empty() => wrong.push("no USER, which is root".to_owned()),
            Err(_) => wrong.push(format!(
                "{said} is no number: Kubernetes cannot tell that it is not root"
            )),
        }
        if matches!(group, Some(Err(_))) {
            wrong.push(format!("the group of {said} is no number"));
        }
    }
    let identity = observed
        .application
        .as_ref()
        .and_then(|it| it.identity.as_ref());
    if let Some(identity) = identity {
        if promised.is_hardened && identity.uid == 0 && wrong.is_empty() {
            wrong.push("the application runs as root".to_owned());
        }
        if number.is_ok_and(|number| number != identity.uid) {
            wrong.push(format!(
                "the application runs as user {}, USER says {said}",
                identity.uid
            ));
        }
        if let Some(Ok(group)) = group
            && group != identity.gid
        {
            wrong.push(format!(
                "the application runs in group {}, USER says {said}",
                identity.gid
            ));
        }
    }
    let seen = identity.map_or_else(|| format!("{said}, not measured"), words);
    if !wrong.is_empty() {
        return Check::new(
            name,
            Outcome::Failed,
            format!("{} ({seen})", wrong.join("; ")),
        );
    }
    // What the configuration says alone is not what ran.
    if identity.is_none() {
        return Check::new(name, Outcome::NotRun, seen);
    }
    Check::new(name, Outcome::Passed, seen)
}

fn words(identity: &Identity) -> String {
    let groups: Vec<String> = identity.groups.iter().map(u32::to_string).collect();
    let others = if groups.is_empty() {
        "no other groups".to_owned()
    } else {
        format!("other groups {}", groups.join(", "))
    };
    format!("runs as {}:{}, {others}", identity.uid, identity.gid)
}

fn zombies(observed: &Observed) -> Check {
    let name = "zombies";
    let application = observed.application.as_ref();
    let first = application.map_or("PID 1", |it| it.first.as_ref().unwrap_or(&it.name));
    match &observed.orphan {
        Orphan::Reaped { after } => {
            let said = format!("{first} reaped an orphan after {}", seconds(*after));
            Check::new(name, Outcome::Passed, said).took(*after)
        }
        Orphan::Stays { after } => {
            let said = format!(
                "{first} does not reap orphans: one is a zombie for {}",
                seconds(*after)
            );
            Check::new(name, Outcome::Failed, said).took(*after)
        }
        Orphan::NotRun { why } => Check::new(name, Outcome::NotRun, why.clone()),
    }
}

/// Another start, which only says something if the first one went well.
fn again(name: &'static str, how: &str, start: &Started, observed: &Observed) -> Check {
    match (start, &observed.start) {
        (_, Started::Ended { code, .. }) if *code != 0 => {
            Check::new(name, Outcome::NotRun, "it does not start as it is")
        }
        (_, Started::Refused { .. }) => {
            Check::new(name, Outcome::NotRun, "it does not start as it is")
        }
        (Started::NotRun { why }, _) => Check::new(name, Outcome::NotRun, why.clone()),
        (Started::Runs { after }, _) => {
            let said = format!("runs {how}");
            Check::new(name, Outcome::Passed, said).took(*after)
        }
        (Started::Deaf { .. }, Started::Deaf { .. }) => {
            Check::new(name, Outcome::NotRun, "it does not listen as it is, either")
        }
        (Started::Ended { code: 0, .. }, Started::Ended { .. }) => {
            Check::new(name, Outcome::Passed, format!("ended with 0 {how}"))
        }
        _ => Check::new(name, Outcome::Failed, format!("{how}: {}", ended(start))),
    }
}

/// A time as it is told.
pub(super) fn seconds(time: std::time::Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests;
