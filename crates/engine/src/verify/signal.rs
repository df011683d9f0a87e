//! Whether a signal to PID 1 reaches the application, and how it ends then.
//!
//! The application is held for a moment, so that a signal to it is seen pending in /proc instead of being handled at once:
//! exact, with no help from the image. It is traced, since a PID 1 may let a process go on that was only stopped; where
//! tracing is forbidden it is stopped.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use boatyard_init::signal::Signal as Name;
use boatyard_plan::verify::{Reached, Stopped};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::process::{self, Status};
use crate::sandbox::{Running, SandboxError};
use crate::sys::trace::Held;

/// How long PID 1 may take to pass a signal on.
const PASSING_ON: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(5);
const STOPPING: Duration = Duration::from_secs(5);

/// Signals that nobody sends to ask for an end: CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH is nginx's and httpd's.
/// KILL asks for nothing: it is what the kernel sends to all when PID 1 ends.
const OTHERS: [i32; 8] = [9, 17, 18, 19, 20, 21, 22, 23];

/// Sends `signal` to PID 1 and waits for the end, at most for `grace`; then everything is killed.
pub(super) fn stop(
    running: &mut Running,
    application: i32,
    signal: Name,
    grace: Duration,
) -> Result<(Reached, Stopped), SandboxError> {
    let sent = Signal::from_named_raw(signal.number()).unwrap_or(Signal::TERM);
    let target =
        Pid::from_raw(application).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    // Its number may be somebody else's by now.
    let target = target.filter(|_| process::below(running.pid()).contains_key(&application));
    let reached = if let Some(target) = target {
        send_and_watch(running, application, &target, signal, sent)
    } else {
        running.signal(sent);
        Reached::NotRun {
            why: "the application ended before the signal was sent".to_owned(),
        }
    };
    let begin = Instant::now();
    let exit = running.wait_timeout(grace)?;
    let after = begin.elapsed();
    let code = exit.map(|exit| exit.code);
    if code.is_none() {
        running.kill();
        running.wait()?;
    }
    Ok((told_apart(reached, code, signal), Stopped { code, after }))
}

/// Sends the signal while the application is held.
fn send_and_watch(
    running: &Running,
    application: i32,
    target: &OwnedFd,
    signal: Name,
    sent: Signal,
) -> Reached {
    let before = process::status(application);
    let traced = Held::new(application);
    let is_held = traced.is_ok() || {
        let _ = pidfd_send_signal(target, Signal::STOP);
        is_stopped(application)
    };
    running.signal(sent);
    let before = before.filter(|_| is_held);
    let reached = watch(running.pid(), application, signal, before.as_ref());
    if traced.is_err() {
        let _ = pidfd_send_signal(target, Signal::CONT);
    }
    reached
}

/// Waits until a process is stopped.
fn is_stopped(pid: i32) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < STOPPING {
        match process::one(pid) {
            Some(process) if process.state == 'T' => return true,
            Some(_) => std::thread::sleep(PAUSE),
            None => return false,
        }
    }
    false
}

fn watch(first: i32, application: i32, sent: Name, before: Option<&Status>) -> Reached {
    let begin = Instant::now();
    let Some(before) = before else {
        return Reached::NotRun {
            why: "the application could not be held to be looked at".to_owned(),
        };
    };
    let nothing = Reached::Nothing {
        is_ignored: before.ignored & sent.bit() != 0,
        is_handled: before.caught & sent.bit() != 0,
    };
    // For who traces it, the kernel keeps what it would drop: what is ignored, and of PID 1 what has no handler.
    let dropped = before.ignored
        | if first == application {
            !(before.caught | before.blocked)
        } else {
            0
        };
    while begin.elapsed() < PASSING_ON {
        let alive = process::one(application).is_some_and(|process| process.state != 'Z');
        if !alive {
            return Reached::Died;
        }
        if let Some(now) = process::status(application)
            && let Some(name) = asked(now.pending & !before.pending & !dropped)
        {
            return Reached::Signal {
                name,
                after: begin.elapsed(),
            };
        }
        // A PID 1 that is gone passes nothing on any more.
        if process::one(first).is_none() {
            return Reached::Died;
        }
        std::thread::sleep(PAUSE);
    }
    nothing
}

/// The name of the first signal of a set that asks for something.
fn asked(set: u64) -> Option<String> {
    let mut numbers =
        (1..=31).filter(|number| !OTHERS.contains(number) && set & (1 << (number - 1)) != 0);
    Some(Name::from_number(numbers.next()?)?.to_string())
}

/// A process without a handler dies of the signal as of the KILL that the end of PID 1 sends it: the exit code tells.
fn told_apart(reached: Reached, code: Option<i32>, sent: Name) -> Reached {
    match (&reached, code) {
        (Reached::Died, Some(code)) if code != 128 + sent.number() => Reached::NotRun {
            why: format!(
                "the application was ended before it handled anything, and PID 1 ended with {code}: whether it passed the signal on cannot be told"
            ),
        },
        _ => reached,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_signals() {
        assert_eq!(asked(1 << 16 | 1 << 14), Some("TERM".to_owned()));
        assert_eq!(asked(1 << 8 | 1 << 16 | 1 << 17), None);
        let term = Name::parse("TERM").unwrap();
        assert_eq!(told_apart(Reached::Died, Some(143), term), Reached::Died);
        assert!(matches!(
            told_apart(Reached::Died, Some(0), term),
            Reached::NotRun { .. }
        ));
    }
}
