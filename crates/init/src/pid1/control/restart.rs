//! The side of who asks for a restart, and waits for it.

use std::thread;
use std::time::Duration;

use boatyard_init::control::{Begun, Outcome, Request};
use boatyard_init::environment::Environment;
use boatyard_init::exit;

use super::client;
use crate::pid1::say;
use crate::pid1::sys::clock;

/// How long is waited between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// What is added to the time that init promises: its own, and ours.
const ALLOWANCE: Duration = Duration::from_secs(5);

/// Has init end a service and start it again, and waits for that; returns the exit code.
pub fn restart(environment: &Environment, service: &str, waits: bool) -> Result<u8, u8> {
    let request = Request::Restart(service.to_owned());
    let begun = match client::ask(environment, &request)? {
        Some((200, body)) => Begun::from_json(&body).ok_or_else(|| client::refused(200))?,
        Some((403, _)) => return Err(client::refused(403)),
        Some((code, body)) => {
            say::warn(body.trim_end());
            return Err(if code == 404 {
                exit::UNKNOWN_ROLE
            } else {
                exit::UNAVAILABLE
            });
        }
        None => return Err(client::nobody()),
    };
    if !waits {
        return Ok(0);
    }
    let name = &begun.service;
    let within = begun.pace.within.saturating_add(ALLOWANCE);
    let end = clock::now().saturating_add(within);
    let mut since = None;
    while clock::now() < end {
        let status = match client::ask(environment, &Request::Status { as_json: true })? {
            Some((200, status)) => status,
            Some((code, _)) => return Err(client::refused(code)),
            None => return Err(client::nobody()),
        };
        let outcome = begun.outcome(&status);
        let Some(outcome) =
            outcome.filter(|outcome| has_stayed(outcome, begun.pace.stays, &mut since))
        else {
            thread::sleep(PAUSE);
            continue;
        };
        let code = outcome.exit_code();
        if code != 0 {
            say::warn(format_args!("{name} {outcome}"));
            return Err(code);
        }
        return Ok(u8::from(!say::answer(&format!("{name} {outcome}\n"))));
    }
    say::warn(format_args!(
        "{name} was not there again within {} s",
        within.as_secs()
    ));
    Err(exit::TIMEOUT)
}

/// Whether what runs has done so for long enough; `since` is which process was seen first, and when.
fn has_stayed(outcome: &Outcome, stays: Duration, since: &mut Option<(u64, Duration)>) -> bool {
    let Outcome::Runs { pid } = *outcome else {
        return true;
    };
    let now = clock::now();
    let (process, first) = *since.get_or_insert((pid, now));
    if process != pid {
        *since = Some((pid, now));
    }
    process == pid && now.saturating_sub(first) >= stays
}
