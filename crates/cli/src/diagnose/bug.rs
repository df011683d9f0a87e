//! A bug of ours: a panic, told so that people can report it.

use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use boatyard_plan::failure::Fault;

/// The exit code of a bug: `EX_SOFTWARE` of sysexits.h.
pub const EXIT: u8 = 70;

fn said<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = info.payload();
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    let fixed = payload.downcast_ref::<&str>().copied();
    owned.or(fixed).unwrap_or("no message")
}

/// What the standard library panics with where the machine permits no more threads.
const NO_THREAD: &str = "failed to spawn thread";

/// What it panics with after that, where other threads wait for the one that wanted another.
const AFTERWARDS: &str = "a scoped thread panicked";

/// Whether a thread could not be started.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// The exit code after a panic, which has been reported.
pub fn exit() -> u8 {
    if REFUSED.load(Ordering::Relaxed) {
        Fault::Refused.exit_code()
    } else {
        EXIT
    }
}

/// The panic hook.
pub fn report(info: &PanicHookInfo<'_>) {
    let message = said(info);
    if message.starts_with(NO_THREAD) {
        if !REFUSED.swap(true, Ordering::Relaxed) {
            let _ = writeln!(
                io::stderr(),
                "error: this machine permits no more threads\n\
                 help: raise the limit of processes: \"ulimit -u\", or pids.max of the control group"
            );
        }
        return;
    }
    if message == AFTERWARDS && REFUSED.load(Ordering::Relaxed) {
        return;
    }
    let place = info
        .location()
        .map(|place| format!("{}:{}", place.file(), place.line()))
        .unwrap_or_default();
    // Only the verb: what follows may be a secret.
    let words: Vec<String> = std::env::args().take(2).collect();
    // Standard error may be closed; a hook must not panic.
    let _ = writeln!(
        io::stderr(),
        "error: this is a bug in boatyard: {message}\n  \
         at {place}, version {version}, running: {words}\n\
         help: please report it, with this text, at {repository}/issues\n      \
         RUST_BACKTRACE=1 adds where it came from",
        version = env!("CARGO_PKG_VERSION"),
        repository = env!("CARGO_PKG_REPOSITORY"),
        words = words.join(" "),
    );
    let trace = std::backtrace::Backtrace::capture();
    if trace.status() == std::backtrace::BacktraceStatus::Captured {
        let _ = writeln!(io::stderr(), "{trace}");
    }
}
