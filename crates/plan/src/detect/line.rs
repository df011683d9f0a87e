//! Commands as lines for a shell, and what lines ask.

use crate::dockerfile::Command;
use crate::run::Probe;

/// Programs that images start to be process 1; here `boatyard-init` is.
const INITS: [&str; 5] = [
    "catatonit",
    "docker-init",
    "dumb-init",
    "tini",
    "tini-static",
];

/// An entry point and what follows it as one line, without an init in front.
pub(super) fn joined(entry: Option<&Command>, command: Option<&Command>) -> String {
    let words = |command: Option<&Command>| match command {
        None => Some(Vec::new()),
        Some(Command::Exec(words)) => Some(words.clone()),
        Some(Command::Shell(_)) => None,
    };
    match (words(entry), words(command)) {
        (Some(mut all), Some(more)) => {
            all.extend(more);
            shown(&Command::Exec(without_init(all)))
        }
        // A line for a shell takes no words; an init in front of it is the only one that makes sense.
        (Some(entry), None) => {
            let entry = shown(&Command::Exec(without_init(entry)));
            let line = command.map(shown).unwrap_or_default();
            if entry.is_empty() {
                line
            } else {
                format!("{entry} {line}")
            }
        }
        (None, _) => entry.map(shown).unwrap_or_default(),
    }
}

/// `tini -g -- gunicorn x` is `gunicorn x`.
fn without_init(mut words: Vec<String>) -> Vec<String> {
    let is_init = words.first().is_some_and(|first| {
        let name = first.rsplit('/').next().unwrap_or(first);
        INITS.contains(&name)
    });
    if is_init {
        words.remove(0);
        while words.first().is_some_and(|word| word.starts_with('-')) {
            if words.remove(0) == "--" {
                break;
            }
        }
    }
    words
}

/// A command as a line for a shell.
pub(super) fn shown(command: &Command) -> String {
    match command {
        Command::Shell(line) => line.text.clone(),
        Command::Exec(words) => match words.as_slice() {
            [shell, flag, line]
                if flag == "-c" && matches!(shell.rsplit('/').next(), Some("sh" | "bash")) =>
            {
                line.clone()
            }
            words => {
                let words: Vec<String> = words.iter().map(|word| word_of_shell(word)).collect();
                words.join(" ")
            }
        },
    }
}

/// A word as a shell reads it back.
fn word_of_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The address on this container that a health check asks, as `ready` has it.
pub fn url(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest
        .find(|c: char| c.is_whitespace() || "'\"|;)".contains(c))
        .unwrap_or(rest.len());
    let address = &rest[..end];
    let hosts = ["localhost", "127.0.0.1", "0.0.0.0"];
    let rest = hosts.iter().find_map(|host| address.strip_prefix(host))?;
    let url = if rest.starts_with(':') {
        format!("http://{rest}")
    } else {
        format!("http://:80{rest}")
    };
    let is_plain = url.chars().all(|c| !c.is_control() && c != '$');
    (is_plain && Probe::parse(&url, None).is_ok()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_checks() {
        for (line, expected) in [
            (
                "curl -f http://localhost:8000/up || exit 1",
                Some("http://:8000/up"),
            ),
            ("wget -q -O- 'http://127.0.0.1/'", Some("http://:80/")),
            ("curl http://localhost:$PORT/", None),
            ("curl http://db:80/", None),
            ("test -e /tmp/ready", None),
        ] {
            assert_eq!(url(line).as_deref(), expected, "{line}");
        }
        let words = ["sh", "-c", "a $B"].map(str::to_owned).to_vec();
        assert_eq!(shown(&Command::Exec(words)), "a $B");
        let words = ["a", "b c", "it's"].map(str::to_owned).to_vec();
        assert_eq!(shown(&Command::Exec(words)), "a 'b c' 'it'\\''s'");
    }

    #[test]
    fn an_init_in_front_goes() {
        let exec = |line: &str| Command::Exec(line.split(' ').map(str::to_owned).collect());
        for (entry, command, expected) in [
            (
                Some("/usr/bin/tini -g --"),
                Some("gunicorn x"),
                "gunicorn x",
            ),
            (Some("dumb-init start"), None, "start"),
            (
                Some("./entrypoint.sh"),
                Some("gunicorn x"),
                "./entrypoint.sh gunicorn x",
            ),
            (None, Some("tini-like x"), "tini-like x"),
        ] {
            let (entry, command) = (entry.map(exec), command.map(exec));
            assert_eq!(joined(entry.as_ref(), command.as_ref()), expected);
        }
    }
}
