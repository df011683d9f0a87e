//! What is done when the main process is ready: the `post_deploy` hook.

use std::time::Duration;

use boatyard_init::environment::Environment;
use boatyard_init::hook::{Layout, Moment};
use boatyard_init::signal::Signal;

use super::ground::Ground;
use super::sys::signals;
use super::{hooks, role_probe};

/// How long between two questions.
const PAUSE: Duration = Duration::from_secs(1);

/// Waits until the application is ready, then runs the hook. Runs in a process beside the main one. What failed has been
/// told; the error is the exit code.
pub fn run(ground: &Ground, environment: &Environment, layout: &Layout) -> Result<u8, u8> {
    while !is_ready(ground, environment, layout) {
        let received = signals::wait(Some(PAUSE)).unwrap_or_default();
        let stops = [Signal::TERM, Signal::INT, Signal::QUIT];
        if received.iter().any(|signal| stops.contains(signal)) {
            return Ok(0);
        }
    }
    hooks::run(ground, environment, layout, Moment::PostDeploy)?;
    Ok(0)
}

fn is_ready(ground: &Ground, environment: &Environment, layout: &Layout) -> bool {
    match hooks::find(layout, Moment::Ready) {
        Ok(found) if found.is_empty() => role_probe::ask(ground, environment).is_ok(),
        Ok(_) => hooks::run(ground, environment, layout, Moment::Ready).is_ok(),
        Err(_) => false,
    }
}
