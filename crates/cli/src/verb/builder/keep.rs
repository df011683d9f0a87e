//! The first process of a builder.

use std::fs;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{WaitOptions, wait};

use crate::signals;
use crate::stopped::Stopped;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);

/// Is there until nothing else has run here for so many seconds, or somebody asks it to end: with the first process of a pod all of it
/// ends.
pub fn run(idle: u64) -> Result<(), Stopped> {
    signals::each(|_| process::exit(0))?;
    let idle = Duration::from_secs(idle);
    let mut used = Instant::now();
    while used.elapsed() < idle {
        // Those that a build has left to us.
        while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
        if others() {
            used = Instant::now();
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Whether anything runs here besides ourselves.
fn others() -> bool {
    let own = process::id().to_string();
    let listed = fs::read_dir("/proc").into_iter().flatten().flatten();
    listed
        .filter_map(|entry| entry.file_name().into_string().ok())
        .any(|name| name != own && name.bytes().all(|byte| byte.is_ascii_digit()))
}
