//! Asking once, in a process of its own: whoever asks may wait, PID 1 may not.

use boatyard_init::supervise::Readiness;

use crate::pid1::role_probe::{PATIENCE, connect, get};

/// Asks a service; the exit code is 0 if it is ready. Why it is not is told by the one who waits, once.
pub fn ask(how: &str) -> u8 {
    let ready = match Readiness::parse(how, None) {
        Some(Readiness::Tcp(address)) => connect(address, PATIENCE).is_ok(),
        Some(Readiness::Http { address, path }) => {
            get(address, &address.to_string(), &path, PATIENCE).is_ok()
        }
        Some(Readiness::File(path)) => path.exists(),
        _ => false,
    };
    u8::from(!ready)
}
