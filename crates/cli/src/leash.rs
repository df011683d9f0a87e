//! Ends with whoever started us: what a server begins must not go on without it, also when the server is killed.
//!
//! `--leash` says that our standard input is a pipe to which nobody writes. It ends when the last process that could has
//! ended. A signal at the death of the parent would not do: the kernel sends it when the parent's thread ends.

use std::io;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

/// How long each way of ending may take: gracefully, at once.
const PATIENCE: Duration = Duration::from_secs(5);

static IS_ON: AtomicBool = AtomicBool::new(false);

/// Says that we are on a leash.
pub fn put_on() {
    IS_ON.store(true, Ordering::Relaxed);
}

/// Begins to watch the leash, if there is one. Starts a thread, so call it after namespaces are entered.
pub fn watch() {
    if !IS_ON.swap(false, Ordering::Relaxed) {
        return;
    }
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        for _ in 0..2 {
            // Whoever catches it stops gracefully, and at once when it comes again.
            let _ = kill_process(getpid(), Signal::TERM);
            thread::sleep(PATIENCE);
        }
        process::exit(128 + Signal::TERM.as_raw());
    });
}
