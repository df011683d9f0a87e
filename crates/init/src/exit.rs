//! Exit codes of init, beside those of the process it runs.

use crate::signal::Signal;

/// Role not in the contract, as start scripts of old have it.
pub const UNKNOWN_ROLE: u8 = 1;
/// Wrong use of the command line (`EX_USAGE` of sysexits.h).
pub const USAGE: u8 = 64;
/// No such job in the contract (`EX_NOINPUT`).
pub const UNKNOWN_JOB: u8 = 66;
/// The kernel refused something init cannot work without (`EX_OSERR`).
pub const SYSTEM: u8 = 71;
/// Not ready, not ready in time, or nobody there who could say (`EX_UNAVAILABLE`).
pub const UNAVAILABLE: u8 = 69;
/// The same runs already (`EX_TEMPFAIL`).
pub const BUSY: u8 = 75;
/// The contract is missing or broken (`EX_CONFIG`).
pub const CONFIG: u8 = 78;
/// Its time was over, as timeout(1) has it.
pub const TIMEOUT: u8 = 124;
/// The command exists but cannot be executed, as shells have it.
pub const NOT_EXECUTABLE: u8 = 126;
/// The command was not found, as shells have it.
pub const NOT_FOUND: u8 = 127;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code.
    Exited(u8),
    /// By a signal.
    Killed(Signal),
}

impl Ending {
    /// The exit code that tells it: the code itself, or 128 + the signal's number.
    pub fn code(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Killed(signal) => u8::try_from(128 + signal.number()).unwrap_or(u8::MAX),
        }
    }
}

/// The exit code for an `errno` of exec: 127 where the file is not there, 126 where it is but cannot be executed.
pub fn of_exec_error(errno: i32) -> u8 {
    if errno == libc::ENOENT || errno == libc::ENOTDIR {
        NOT_FOUND
    } else {
        NOT_EXECUTABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert_eq!(Ending::Exited(0).code(), 0);
        assert_eq!(Ending::Exited(255).code(), 255);
        assert_eq!(Ending::Killed(Signal::KILL).code(), 137);
        for (errno, code) in [
            (libc::ENOENT, 127),
            (libc::ENOTDIR, 127),
            (libc::EACCES, 126),
            (libc::ENOEXEC, 126),
            (libc::EISDIR, 126),
            (libc::ELOOP, 126),
            (libc::E2BIG, 126),
        ] {
            assert_eq!(of_exec_error(errno), code, "errno {errno}");
        }
    }
}
