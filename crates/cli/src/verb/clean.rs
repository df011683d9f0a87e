//! `boatyard clean` and `boatyard purge`

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::SystemTime;

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::prune::{self, Keep};
use boatyard_store::remove_tree;

use crate::home;
use crate::stopped::Stopped;
use crate::verb::image::prune::tell;
use crate::voice::Voice;
use crate::yard::Yard;

/// Nothing is removed without a word.
#[derive(Debug, thiserror::Error)]
enum PurgeError {
    #[error("this would remove all images, volumes and caches in {}", home.display())]
    NotConfirmed { home: PathBuf },
    #[error("a project or \"boatyard serve\" still runs: {}", folder.display())]
    Running { folder: PathBuf },
}

impl Failure for PurgeError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NotConfirmed { .. } => "say --yes if that is what you want".to_owned(),
            Self::Running { .. } => "stop it first: a project with \"boatyard down\"".to_owned(),
        })
    }
}

/// Folders of the home that can be made again: from images, and from the sources that a context had.
const TREES: [&str; 2] = ["flat", "stat"];
/// Folders of the home that can be downloaded again: packages, wheels, tools.
const DOWNLOADS: [&str; 2] = ["cache", "tools"];

/// Removes the build cache, with `downloads` also what came from elsewhere; images with names stay.
pub fn clean(downloads: bool, voice: &Voice) -> Result<(), Stopped> {
    // Files of layers belong to users that exist only in there.
    let yard = Yard::open()?;
    // No result of a step was used after now: those that named images have anyway go, too.
    let keep = Keep {
        bytes: Some(0),
        used_since: Some(SystemTime::now()),
    };
    let freed = prune::gc(&yard.store, &keep)?;
    let downloads = if downloads { &DOWNLOADS[..] } else { &[] };
    for folder in TREES.iter().chain(downloads) {
        remove_tree(&yard.home.join(folder))?;
    }
    tell(&freed, voice)
}

/// Removes everything that Boatyard keeps, after asking on a terminal.
pub fn purge(is_sure: bool) -> Result<(), Stopped> {
    let home = home::open()?;
    if let Some(folder) = running(&home) {
        return Err(PurgeError::Running { folder }.into());
    }
    if !is_sure && !confirmed(&home) {
        return Err(PurgeError::NotConfirmed { home }.into());
    }
    let yard = Yard::open()?;
    // Fails here if another process uses the store.
    prune::gc(&yard.store, &Keep::default())?;
    for entry in home.read_dir().into_iter().flatten().flatten() {
        remove_tree(&entry.path())?;
    }
    Ok(())
}

/// A session whose lock somebody holds.
fn running(home: &std::path::Path) -> Option<PathBuf> {
    let sessions = home.join("run").read_dir().into_iter().flatten().flatten();
    let sessions = sessions.map(|entry| entry.path());
    let mut folders = std::iter::once(home.join("serve")).chain(sessions);
    folders.find(|folder| {
        let lock = std::fs::File::open(folder.join("lock"));
        lock.is_ok_and(|lock| {
            matches!(
                lock.try_lock_shared(),
                Err(std::fs::TryLockError::WouldBlock)
            )
        })
    })
}

fn confirmed(home: &std::path::Path) -> bool {
    if !io::stdin().is_terminal() {
        return false;
    }
    let mut answer = String::new();
    let asked = write!(
        io::stderr(),
        "remove all images, volumes and caches in {}? [y/N] ",
        home.display()
    );
    asked.is_ok()
        && io::stdin().lock().read_line(&mut answer).is_ok()
        && matches!(answer.trim(), "y" | "Y" | "yes")
}
