//! Runs a command to its end and tells what it prints.

use std::collections::VecDeque;
use std::io::PipeReader;
use std::path::PathBuf;

use boatyard_plan::event::Event;

use super::BuildError;
use super::bench::Bench;
use crate::lines;
use crate::network::Refusal;
use crate::sandbox::{Handle, Spec, Stdio};

/// How many of a command's last lines are kept for its error.
const KEPT_LINES: usize = 30;

/// What stands in the output where a secret was.
const REDACTED: &str = "[secret]";

/// How a command ended.
pub(crate) struct Ended {
    /// Exit code, 128 + signal.
    pub(crate) code: i32,
    /// The last lines it printed.
    pub(crate) last_lines: Vec<String>,
    /// What it was refused.
    pub(crate) refused: Vec<Refusal>,
}

impl Ended {
    /// An error unless the command `argv` ended well.
    pub(crate) fn well(self, argv: &[String]) -> Result<(), BuildError> {
        if self.code == 0 {
            return Ok(());
        }
        Err(BuildError::Command {
            command: argv.first().cloned().unwrap_or_default(),
            code: self.code,
            last_lines: self.last_lines,
            refused: self.refused,
        })
    }
}

/// Runs a command to its end; its output goes to the sink as lines of the work `id`, without the `secrets`.
pub(crate) fn execute(
    bench: &Bench<'_>,
    id: &str,
    spec: &Spec,
    secrets: &[String],
) -> Result<Ended, BuildError> {
    execute_watched(bench, id, spec, secrets, |_| {})
}

/// Like [`execute`]; hands out what the command can be ended with once it runs.
pub(crate) fn execute_watched(
    bench: &Bench<'_>,
    id: &str,
    spec: &Spec,
    secrets: &[String],
    runs: impl FnOnce(Handle),
) -> Result<Ended, BuildError> {
    let pipe_failed = |source| BuildError::Io {
        doing: "make a pipe for",
        path: PathBuf::from(spec.program.argv.first().cloned().unwrap_or_default()),
        source,
    };
    let (reader, writer) = std::io::pipe().map_err(pipe_failed)?;
    let second = writer.try_clone().map_err(pipe_failed)?;
    let stdio = [Stdio::Null, Stdio::from(writer), Stdio::from(second)];
    let mut running = bench.sandbox.spawn(bench.host, spec, stdio)?;
    runs(running.handle());
    let last_lines = relay(bench, id, reader, secrets);
    Ok(Ended {
        code: running.wait()?.code,
        last_lines,
        refused: Vec::new(),
    })
}

/// Sends each line to the sink; returns the last ones.
fn relay(bench: &Bench<'_>, id: &str, reader: PipeReader, secrets: &[String]) -> Vec<String> {
    let mut last = VecDeque::with_capacity(KEPT_LINES);
    let longest = secrets.iter().map(String::len).max().unwrap_or(0);
    let edit = |line: &str| redacted(line, secrets);
    lines::each_edited(reader, longest, edit, |line| {
        if last.len() == KEPT_LINES {
            last.pop_front();
        }
        last.push_back(line.clone());
        (bench.sink)(Event::Output {
            id: id.to_owned(),
            line,
        });
    });
    last.into()
}

fn redacted(line: &str, secrets: &[String]) -> String {
    secrets.iter().fold(line.to_owned(), |line, secret| {
        if line.contains(secret.as_str()) {
            line.replace(secret.as_str(), REDACTED)
        } else {
            line
        }
    })
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn secrets_are_not_told() {
        let secrets = ["s3cret".to_owned(), "other".to_owned()];
        assert_eq!(
            redacted("a s3cret and another", &secrets),
            "a [secret] and an[secret]"
        );
        assert_eq!(redacted("nothing", &secrets), "nothing");
    }
}
