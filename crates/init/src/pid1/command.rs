//! From what to run to a program that exec can take.

use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use boatyard_init::contract::Command;
use boatyard_init::exit;
use boatyard_init::launch::What;

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

/// Finds the program. What failed has been told; the error is the exit code.
pub fn program(what: &What) -> Result<Program, u8> {
    match what {
        What::Command(Command::Words(words)) => {
            words_of(words.iter().map(OsString::from).collect())
        }
        What::Command(Command::Line(line)) => {
            words_of(vec![SHELL.into(), "-c".into(), line.into()])
        }
        What::Words(words) => words_of(words.clone()),
        What::Script(words) => script(words),
        What::Shell => {
            let shell = if path::has("bash") { "bash" } else { "sh" };
            words_of(vec![shell.into()])
        }
    }
}

fn script(words: &[OsString]) -> Result<Program, u8> {
    let mut program = words_of(words.to_vec())?;
    let name = words.first().map_or(OsStr::new(""), OsString::as_os_str);
    if !name.is_empty() && !name.as_bytes().contains(&b'/') {
        let script = std::path::Path::new(SCRIPTS).join(name);
        if script.is_file()
            && let Ok(script) = CString::new(script.into_os_string().into_vec())
        {
            program.paths = vec![script];
        }
    }
    Ok(program)
}

fn words_of(words: Vec<OsString>) -> Result<Program, u8> {
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
        paths: path::candidates(name),
        words,
    })
}
