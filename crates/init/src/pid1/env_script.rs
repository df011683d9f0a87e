//! Scripts that set variables: sourced by bash, or understood by ourselves.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use boatyard_init::environment::{self, Environment};
use boatyard_init::exit::{self, Ending};
use boatyard_init::launch::What;
use boatyard_init::line;

use super::errand::{self, Errand, Limit};
use super::ground::Ground;
use super::sources::Script;
use super::sys::output;
use super::{command, path, say, sibling};

/// The descriptor on which the shell tells its environment: bash uses those from 63 down and 255, scripts those from 3 up.
const REPORT: i32 = 47;

/// How long a script may take.
const LIMIT: Limit = Limit {
    after: Duration::from_secs(60),
    grace: Duration::ZERO,
};

/// The environment after the script. What failed has been told; the error is the exit code.
pub fn source(
    ground: &Ground,
    before: &Environment,
    script: &Script,
    is_silent: bool,
) -> Result<Environment, u8> {
    let has_bash = path::has("bash", before);
    // `BASH_ENV` asks bash to do more than what the script says.
    let may_skip_bash = script.exports_all && !(has_bash && before.has_text("BASH_ENV"));
    let fault = match fs::read_to_string(&script.path) {
        Ok(text) if may_skip_bash => match line::evaluate(&text, before) {
            Ok(after) => return Ok(after),
            Err(fault) => Some(fault),
        },
        _ => None,
    };
    if has_bash {
        return with_bash(ground, before, script, is_silent);
    }
    let path = script.path.display();
    match fault {
        Some(fault) => say::warn(format_args!(
            "{path}:{}: this image has no bash, and the script needs it for {}",
            fault.line, fault.outside
        )),
        None => say::warn(format_args!(
            "{path}: this image has no bash, and the script cannot be read without it"
        )),
    }
    Err(exit::CONFIG)
}

fn with_bash(
    ground: &Ground,
    before: &Environment,
    script: &Script,
    is_silent: bool,
) -> Result<Environment, u8> {
    let export = if script.exports_all { "set -a; " } else { "" };
    let ourselves = quoted(&sibling::ourselves());
    let text = format!(
        "set -eo pipefail; {export}. \"$0\"; set +a; builtin exec {ourselves} --dump-environment {REPORT}"
    );
    let words: Vec<OsString> = [
        "bash".into(),
        "--noprofile".into(),
        "--norc".into(),
        "-c".into(),
        text.into(),
        script.path.clone().into_os_string(),
    ]
    .into();
    let program = command::program(&What::Words(words), before)?;
    let done = errand::run(
        ground,
        &Errand {
            without_input: true,
            output_to_error: is_silent,
            report: Some(REPORT),
            limit: Some(LIMIT),
            leaves_nothing: true,
            ..Errand::new(&program, before)
        },
    )?;
    let path = script.path.display();
    if done.expired {
        say::warn(format_args!(
            "{path} did not end in {} s",
            LIMIT.after.as_secs()
        ));
        return Err(exit::TIMEOUT);
    }
    // The last thing that the shell becomes writes an entry that nothing else does.
    let Some(dump) = done.report.strip_suffix(END) else {
        say::warn(format_args!(
            "{path} ended the shell: {}",
            told(done.ending)
        ));
        return Err(match done.ending.code() {
            0 => exit::CONFIG,
            code => code,
        });
    };
    Ok(environment::take_over(before, dump))
}

/// What follows the last entry of a dump.
const END: &[u8] = b"\0\0";

/// Writes the environment: what the shell becomes after the script. Returns the exit code.
pub fn dump(environment: &Environment, descriptor: i32) -> u8 {
    let mut text = environment.entries().join(&0);
    text.extend_from_slice(END);
    u8::from(!output::write_all(descriptor, &text))
}

fn told(ending: Ending) -> String {
    match ending {
        Ending::Exited(code) => format!("exit code {code}"),
        Ending::Killed(signal) => format!("signal {signal}"),
    }
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}
