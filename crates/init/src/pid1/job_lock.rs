//! One run of a category at a time.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd as _;

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::invocation::Overlap;
use boatyard_init::launch::What;

use super::errand::{self, Errand};
use super::ground::Ground;
use super::sys::lock;
use super::{command, own_folder, say, sibling};

/// The number of the descriptor in the process that waits for a lock.
const LENT: i32 = 48;

/// Who has the lock of a category.
pub enum Held {
    /// We, as long as the value lives; nobody where no folder can be written.
    Ours(Option<File>),
    /// Another run.
    Others,
}

/// Takes the lock of a category. What failed has been told; the error is the exit code.
pub fn take(
    ground: &Ground,
    environment: &Environment,
    category: &str,
    overlap: Overlap,
) -> Result<Held, u8> {
    if overlap == Overlap::Allow {
        return Ok(Held::Ours(None));
    }
    let Some(file) = open(environment, category) else {
        say::warn("no folder can be written: runs of the same jobs are not kept apart");
        return Ok(Held::Ours(None));
    };
    if lock::try_take(&file) {
        return Ok(Held::Ours(Some(file)));
    }
    if overlap != Overlap::Wait {
        return Ok(Held::Others);
    }
    wait(ground, environment, &file)?;
    Ok(Held::Ours(Some(file)))
}

fn open(environment: &Environment, category: &str) -> Option<File> {
    own_folder::shared(environment).find_map(|folder| {
        let path = folder.join(format!("jobs.{category}.lock"));
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .ok()
    })
}

/// Waits in a process of its own, which can be signalled while it does: the lock belongs to the file that both share.
fn wait(ground: &Ground, environment: &Environment, file: &File) -> Result<(), u8> {
    let ourselves = sibling::ourselves();
    let words: Vec<OsString> = vec![
        ourselves.into(),
        "--lock-descriptor".into(),
        LENT.to_string().into(),
    ];
    let program = command::program(&What::Words(words), environment)?;
    let lent = [(file.as_raw_fd(), LENT)];
    let errand = Errand {
        lends: &lent,
        ..Errand::new(&program, environment)
    };
    if errand::run(ground, &errand)?.ending.code() != 0 {
        say::warn("cannot wait for the lock of these jobs");
        return Err(exit::SYSTEM);
    }
    Ok(())
}
