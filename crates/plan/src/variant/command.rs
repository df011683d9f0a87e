//! Commands of an image: what stands before the program, and whether it stays there.

use boatyard_init::line::{Shell, native, with_exec};

/// Programs that do what boatyard-init does.
const INITS: [&str; 6] = [
    "tini",
    "tini-static",
    "docker-init",
    "dumb-init",
    "catatonit",
    "podman-init",
];

/// Shells that take a line with `-c`.
const SHELLS: [&str; 4] = ["sh", "bash", "dash", "ash"];

/// An image's own init before its program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum OwnInit<'a> {
    /// There is none.
    None,
    /// One that boatyard-init can take the place of: what follows it, and whether its whole group gets signals.
    Replaceable {
        /// The init.
        name: &'a str,
        /// What follows.
        rest: &'a [String],
        /// Whether signals go to the group.
        group: bool,
    },
    /// One with flags that are its own.
    Kept {
        /// The init.
        name: &'a str,
    },
}

/// The init that an entry point begins with.
pub(super) fn own_init(words: &[String]) -> OwnInit<'_> {
    let Some((first, rest)) = words.split_first() else {
        return OwnInit::None;
    };
    let name = file_name(first);
    if !INITS.contains(&name) {
        return OwnInit::None;
    }
    // dumb-init signals the group unless it is told otherwise.
    let group = name == "dumb-init";
    match rest {
        [flag, dashes, rest @ ..] if flag == "-g" && dashes == "--" && name != "dumb-init" => {
            OwnInit::Replaceable {
                name,
                rest,
                group: true,
            }
        }
        [flag, dashes, rest @ ..]
            if matches!(flag.as_str(), "-c" | "--single-child")
                && dashes == "--"
                && name == "dumb-init" =>
        {
            OwnInit::Replaceable {
                name,
                rest,
                group: false,
            }
        }
        [dashes, rest @ ..] if dashes == "--" => OwnInit::Replaceable { name, rest, group },
        [flag, ..] if flag.starts_with('-') => OwnInit::Kept { name },
        rest => OwnInit::Replaceable { name, rest, group },
    }
}

/// What a command in shell form becomes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Exec {
    /// It is no shell form, or a line that runs as it should.
    AsItIs,
    /// The words themselves: no shell is needed.
    Words(Vec<String>),
    /// The shell is replaced by the program.
    Line(Vec<String>),
    /// More than one simple command: the shell stays.
    Stays {
        /// The line.
        line: String,
    },
}

/// Looks at a command of an image's configuration: `["/bin/sh", "-c", "LINE"]` is the shell form.
pub(super) fn exec(words: &[String]) -> Exec {
    let [shell, flags @ .., line] = words else {
        return Exec::AsItIs;
    };
    let takes_line = flags.last().is_some_and(|flag| {
        flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c')
    });
    if !SHELLS.contains(&file_name(shell)) || !takes_line {
        return Exec::AsItIs;
    }
    let line = line.trim();
    if line.starts_with("exec ") {
        return Exec::AsItIs;
    }
    if let [flag] = flags
        && flag == "-c"
        && let Some(words) = literal_words(line)
    {
        return Exec::Words(words);
    }
    match with_exec(line) {
        Some(line) => {
            let mut words = words.to_vec();
            if let Some(last) = words.last_mut() {
                *last = line;
            }
            Exec::Line(words)
        }
        None => Exec::Stays {
            line: line.to_owned(),
        },
    }
}

/// The words of a line in which nothing depends on the environment.
fn literal_words(line: &str) -> Option<Vec<String>> {
    let asked = std::cell::Cell::new(false);
    let variable = |_: &str| {
        asked.set(true);
        None
    };
    let words = native(line, variable, Shell::There).ok()?;
    if asked.get() {
        return None;
    }
    let words = words.into_iter().map(String::from_utf8);
    words.collect::<Result<_, _>>().ok()
}

/// The last part of a path.
fn file_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn shell_forms() {
        let sh = |line: &str| vec!["/bin/sh".to_owned(), "-c".to_owned(), line.to_owned()];
        for (command, expected) in [
            (words("python app.py"), Exec::AsItIs),
            (sh("exec python app.py"), Exec::AsItIs),
            (
                sh("python app.py 'a b'"),
                Exec::Words(vec!["python".into(), "app.py".into(), "a b".into()]),
            ),
            (sh("python $APP"), Exec::Line(sh("exec python $APP"))),
            (
                sh("A=1 python app.py"),
                Exec::Line(sh("A=1 exec python app.py")),
            ),
            (
                sh("a && b"),
                Exec::Stays {
                    line: "a && b".to_owned(),
                },
            ),
            (
                vec![
                    "bash".into(),
                    "-o".into(),
                    "pipefail".into(),
                    "-ec".into(),
                    "python app.py".into(),
                ],
                Exec::Line(vec![
                    "bash".into(),
                    "-o".into(),
                    "pipefail".into(),
                    "-ec".into(),
                    "exec python app.py".into(),
                ]),
            ),
            (words("bash start.sh"), Exec::AsItIs),
            (words("sh"), Exec::AsItIs),
            (Vec::new(), Exec::AsItIs),
        ] {
            assert_eq!(exec(&command), expected, "{command:?}");
        }
    }

    #[test]
    fn inits() {
        for (text, expected) in [
            ("python app.py", None),
            (
                "/usr/bin/tini -- python app.py",
                Some(("python app.py", false)),
            ),
            ("tini python", Some(("python", false))),
            ("tini -g -- python", Some(("python", true))),
            ("dumb-init -- python", Some(("python", true))),
            (
                "dumb-init --single-child -- python",
                Some(("python", false)),
            ),
        ] {
            let given = words(text);
            match (own_init(&given), expected) {
                (OwnInit::None, None) => {}
                (OwnInit::Replaceable { rest, group, .. }, Some((after, whole))) => {
                    assert_eq!((rest.join(" ").as_str(), group), (after, whole), "{text}");
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        let given = words("tini -e 143 -- python");
        assert_eq!(own_init(&given), OwnInit::Kept { name: "tini" });
    }
}
