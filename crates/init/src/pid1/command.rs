//! From what to run to a program that exec can take.

use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use boatyard_init::contract::Command;
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::launch::What;
use boatyard_init::line::{self, Shell};

use super::{path, say};

/// The folder whose files go before the search path.
const SCRIPTS: &str = "/scripts";

/// The shell that runs command lines.
const SHELL: &str = "/bin/sh";

/// All that exec needs, allocated before the fork.
pub struct Program {
    /// Where it may be, in this order; never empty.
    pub paths: Vec<CString>,
    /// Its arguments, the name first; never empty.
    pub words: Vec<CString>,
}

impl Program {
    /// Its name, for people.
    pub fn name(&self) -> String {
        self.words
            .first()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// Finds the program. What failed has been told; the error is the exit code.
pub fn program(what: &What, environment: &Environment) -> Result<Program, u8> {
    match what {
        What::Command(Command::Words(words)) => {
            words_of(words.iter().map(OsString::from), environment)
        }
        What::Command(Command::Line(line)) => of_line(line, environment),
        What::Words(words) => words_of(words.iter().cloned(), environment),
        What::Script(words) => script(words, environment),
        What::Shell => {
            let shell = if path::has("bash", environment) {
                "bash"
            } else {
                "sh"
            };
            words_of([OsString::from(shell)], environment)
        }
    }
}

/// A line that shells agree on is run without one, which saves a process and its start.
fn of_line(line: &str, environment: &Environment) -> Result<Program, u8> {
    let shell = if Path::new(SHELL).exists() {
        Shell::There
    } else {
        Shell::Missing
    };
    let variable = |name: &str| environment.get(name).map(<[u8]>::to_vec);
    match (line::native(line, variable, shell), shell) {
        (Ok(words), _) => words_of(words.into_iter().map(OsString::from_vec), environment),
        (Err(_), Shell::There) => {
            let line = line::with_exec(line).unwrap_or_else(|| line.to_owned());
            words_of([SHELL.into(), "-c".into(), line.into()], environment)
        }
        (Err(outside), Shell::Missing) => {
            say::warn(format_args!(
                "this image has no {SHELL}, and the command needs one for {outside}: {line}"
            ));
            Err(exit::CONFIG)
        }
    }
}

fn script(words: &[OsString], environment: &Environment) -> Result<Program, u8> {
    let mut program = words_of(words.iter().cloned(), environment)?;
    let name = words.first().map_or(OsStr::new(""), OsString::as_os_str);
    if !name.is_empty() && !name.as_bytes().contains(&b'/') {
        let script = Path::new(SCRIPTS).join(name);
        if script.is_file()
            && let Ok(script) = CString::new(script.into_os_string().into_vec())
        {
            program.paths = vec![script];
        }
    }
    Ok(program)
}

fn words_of(
    words: impl IntoIterator<Item = OsString>,
    environment: &Environment,
) -> Result<Program, u8> {
    let words = words
        .into_iter()
        .map(|word| CString::new(word.into_vec()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| {
            say::warn("a command cannot hold a NUL byte");
            exit::CONFIG
        })?;
    let Some(name) = words.first() else {
        say::warn("there is no command to run");
        return Err(exit::USAGE);
    };
    Ok(Program {
        paths: path::candidates(name, environment),
        words,
    })
}
