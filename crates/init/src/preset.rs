//! How well-known servers want to be stopped.

use crate::contract::{Command, Target};
use crate::signal::Signal;

/// How a program is stopped so that it finishes what it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The signal.
    pub signal: Signal,
    /// Who gets signals.
    pub target: Target,
}

impl Preset {
    /// TERM, to the main process.
    pub const USUAL: Self = Self {
        signal: Signal::TERM,
        target: Target::Main,
    };
}

/// Programs that do not finish what they do on TERM. gunicorn (TERM) and Celery (TERM, to the main process alone, or its
/// pool dies with the running tasks) are as usual.
const SIGNALS: &[(&str, Signal)] = &[
    // nginx(8): QUIT shuts down gracefully, TERM quickly.
    ("nginx", Signal::QUIT),
    ("openresty", Signal::QUIT),
    // php-fpm(8): QUIT is the graceful stop.
    ("php-fpm", Signal::QUIT),
    // httpd's "Stopping and Restarting": WINCH is graceful-stop.
    ("apache2", Signal::WINCH),
    ("httpd", Signal::WINCH),
    // uWSGI "Managing the server": TERM reloads, unless die-on-term or a hook is set; QUIT ends it. Requests in flight are
    // finished only where a hook says so, as in our template; measured with 2.0.21.
    ("uwsgi", Signal::QUIT),
    ("uwsgi-core", Signal::QUIT),
];

/// Words of a uWSGI command line that give TERM its meaning back.
const UWSGI_TERM: [&str; 2] = ["die-on-term", "gracefully_kill_them_all"];

/// Words that may stand before the program.
const WRAPPERS: [&str; 4] = ["exec", "nice", "nohup", "env"];

/// How the program of this command wants to be stopped.
pub fn of(command: &Command) -> Preset {
    let words: Vec<&str> = match command {
        Command::Words(words) => words.iter().map(String::as_str).collect(),
        Command::Line(line) => line.split_ascii_whitespace().collect(),
    };
    let program = words
        .iter()
        .find(|word| !WRAPPERS.contains(word) && !is_assignment(word));
    let file = program.map_or("", |word| file_name(word));
    // As in php-fpm8.2.
    let bare = file.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let signal = SIGNALS.iter().find(|(name, _)| [file, bare].contains(name));
    let takes_term = |word: &&str| UWSGI_TERM.iter().any(|hint| word.contains(hint));
    match signal {
        Some(_) if file.starts_with("uwsgi") && words.iter().any(takes_term) => Preset::USUAL,
        Some(&(_, signal)) => Preset {
            signal,
            ..Preset::USUAL
        },
        None => Preset::USUAL,
    }
}

/// The last part of a path, without quotes.
fn file_name(word: &str) -> &str {
    let word = word.trim_matches(['"', '\'']);
    word.rsplit('/').next().unwrap_or(word)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_commands() {
        for (line, signal) in [
            ("nginx -g 'daemon off;'", Signal::QUIT),
            ("exec /usr/sbin/nginx", Signal::QUIT),
            ("A=b \"/usr/sbin/apache2\" -DFOREGROUND", Signal::WINCH),
            ("/usr/sbin/php-fpm8.2 -F", Signal::QUIT),
            ("uwsgi --ini app.ini", Signal::QUIT),
            ("uwsgi --ini app.ini --die-on-term", Signal::TERM),
            ("gunicorn app:app", Signal::TERM),
            ("celery -A nginx worker", Signal::TERM),
            ("", Signal::TERM),
        ] {
            let command = Command::Line(line.to_owned());
            assert_eq!(
                of(&command),
                Preset {
                    signal,
                    target: Target::Main
                },
                "{line}"
            );
        }
        let words = ["env", "A=b", "nginx"].map(str::to_owned).to_vec();
        assert_eq!(of(&Command::Words(words)).signal, Signal::QUIT);
    }
}
