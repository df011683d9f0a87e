//! Waits until a container has come to rest: nothing computes, and somebody listens if somebody has to.

use std::time::{Duration, Instant};

use boatyard_plan::verify::Started;

use super::process::{self, Process};
use super::trial::Output;
use crate::sandbox::{Running, SandboxError};

/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(50);
/// How long nothing may compute before it counts as started.
const QUIET: Duration = Duration::from_millis(600);

/// Waits until it is at rest, ends, or `patience` is over. A program that never rests runs all the same.
pub(super) fn wait(
    running: &mut Running,
    ports: &[u16],
    patience: Duration,
    output: &mut Output,
) -> Result<Started, SandboxError> {
    let begin = Instant::now();
    let mut quiet: Option<(Instant, u64)> = None;
    loop {
        if let Some(exit) = running.wait_timeout(PAUSE)? {
            return Ok(Started::Ended {
                code: exit.code,
                after: begin.elapsed(),
                lines: output.finish(),
            });
        }
        let all = process::below(running.pid());
        let ticks = all.values().map(|process| process.ticks).sum();
        let now = Instant::now();
        quiet = match quiet {
            // One tick is what a timer costs.
            Some((since, before)) if rests(all.values()) && ticks <= before + 1 => {
                Some((since, before))
            }
            _ => Some((now, ticks)),
        };
        let is_quiet = quiet.is_some_and(|(since, _)| now - since >= QUIET);
        let listens = ports.is_empty()
            || process::listening(running.pid())
                .iter()
                .any(|port| ports.contains(port));
        let after = begin.elapsed();
        match (is_quiet || after >= patience, listens) {
            (true, true) => return Ok(Started::Runs { after }),
            (true, false) if after >= patience => return Ok(Started::Deaf { after }),
            _ => {}
        }
    }
}

/// Whether none of them computes or waits for a disk.
fn rests<'p>(mut all: impl Iterator<Item = &'p Process>) -> bool {
    all.all(|process| !matches!(process.state, 'R' | 'D'))
}
