//! How the command speaks: resolved once, at the edge, from flags, variables and the terminal.

use std::env;
use std::io::{IsTerminal as _, stderr, stdout};

use crate::args::{Manner, Progress};
use crate::colour::{self, Paint, Surroundings};

/// How the command speaks.
#[derive(Clone, Debug)]
pub struct Voice {
    /// Answers and events as JSON on standard output.
    pub json: bool,
    /// Styles on standard output.
    pub out: Paint,
    /// Styles on standard error.
    pub err: Paint,
    /// How progress is shown; never `Auto`.
    pub progress: Progress,
    /// Details beside the essentials.
    pub verbose: bool,
    /// Whether marks and lines may leave ASCII.
    pub unicode: bool,
}

impl Voice {
    /// Reads flags, variables and the terminal.
    pub fn resolve(manner: &Manner) -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let around = Surroundings {
            no_color: set("NO_COLOR"),
            force: env::var_os("CLICOLOR_FORCE")
                .is_some_and(|value| !value.is_empty() && value != "0"),
            dumb: env::var_os("TERM").is_some_and(|term| term == "dumb"),
        };
        let paint = |is_terminal| Paint {
            on: colour::wanted(manner.color, &around, is_terminal),
        };
        Self {
            json: manner.json,
            out: paint(stdout().is_terminal()),
            err: paint(stderr().is_terminal()),
            progress: progress(manner, stderr().is_terminal() && !around.dumb),
            verbose: manner.verbose,
            unicode: unicode(&locale(), env::var("TERM").unwrap_or_default().as_str()),
        }
    }

    /// The same with JSON, whatever the words say.
    pub fn for_programs(self) -> Self {
        Self {
            json: true,
            progress: Progress::Json,
            ..self
        }
    }
}

/// `--json` and `--quiet` before `--progress`, then whether there is a terminal that can redraw.
fn progress(manner: &Manner, can_redraw: bool) -> Progress {
    match manner.progress {
        _ if manner.json => Progress::Json,
        _ if manner.quiet => Progress::Quiet,
        Progress::Auto if can_redraw => Progress::Tree,
        Progress::Auto => Progress::Plain,
        chosen => chosen,
    }
}

/// The locale for characters: the first of these that is set and not empty (locale(7)).
fn locale() -> String {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default()
}

/// Whether marks and lines may leave ASCII: unless the locale says otherwise. An empty one says nothing: containers
/// rarely set it, and the terminal around them nearly always knows UTF-8. The Linux console has too small a font.
fn unicode(locale: &str, term: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    term != "linux"
        && (locale.is_empty()
            || locale.contains("utf-8")
            || locale.contains("utf8")
            || !(locale == "c" || locale == "posix" || locale.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_only_where_the_locale_or_the_console_demands_it() {
        for (locale, term, expected) in [
            ("", "xterm", true),
            ("en_GB.UTF-8", "xterm", true),
            ("C.utf8", "xterm", true),
            ("C", "xterm", false),
            ("POSIX", "xterm", false),
            ("de_DE.ISO-8859-1", "xterm", false),
            ("en_GB.UTF-8", "linux", false),
        ] {
            assert_eq!(unicode(locale, term), expected, "{locale:?} on {term}");
        }
    }
}
