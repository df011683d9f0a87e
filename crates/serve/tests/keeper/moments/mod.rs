//! T1 to T4: a server that is killed at any moment goes on, and ends as one that never was. The keeper and the journal are real,
//! on a disk that counts; the backend is scripted, and what it makes outlives the server. Each life is a process of its own.

mod acts;
mod fate;
mod life;
mod power;
mod sys;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use fate::{Counts, Fate, How};
use world::World;

/// Set for a life: its folder, and what becomes of it.
const FOLDER: &str = "BOATYARD_TEST_LIFE";
const FATE: &str = "BOATYARD_TEST_FATE";
/// Stories that are told at once.
const AT_ONCE: usize = 8;

/// Not a test by itself: one life.
#[tokio::test]
async fn lives() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let fate: Fate = std::env::var(FATE).unwrap().parse().unwrap();
    fate.begin();
    sys::register();
    life::live(folder.as_ref()).await;
}

/// Whether it was killed.
fn live(folder: &Path, fate: Fate) -> bool {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "moments::lives", "--nocapture"])
        .env(FOLDER, folder)
        .env(FATE, fate.to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if fate.how == How::Cut {
        World::new(folder, acts::policy(&[]).limits).loses_power();
    }
    let is_killed = std::os::unix::process::ExitStatusExt::signal(&output.status) == Some(9);
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(
        is_killed || output.status.success(),
        "{fate}: {}",
        said.concat()
    );
    is_killed
}

/// In memory, if there is such a folder: nothing here is about how long a disk takes.
fn folder() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    let made = tempfile::Builder::new().tempdir_in(memory);
    made.or_else(|_| tempfile::tempdir()).unwrap()
}

/// How it ends, and what there is to be counted, if nothing happens.
fn undisturbed() -> (String, Counts) {
    let folder = folder();
    assert!(!live(folder.path(), Fate::SPARED));
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    (read(life::END), read(life::COUNTS).parse().unwrap())
}

/// Tells the story once for each of these, with lives of these fates and then one that is spared. How many were killed.
fn each(end: &str, stories: Vec<Vec<Fate>>) -> usize {
    let killed = AtomicUsize::new(0);
    let stories = Mutex::new(stories.into_iter());
    let next = || {
        stories
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next()
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(fates) = next() {
                    let folder = folder();
                    for fate in &fates {
                        let is_killed = live(folder.path(), *fate);
                        killed.fetch_add(usize::from(is_killed), Ordering::SeqCst);
                    }
                    live(folder.path(), Fate::SPARED);
                    let found = std::fs::read_to_string(folder.path().join(life::END)).unwrap();
                    assert_eq!(found, end, "after {fates:?}");
                }
            });
        }
    });
    killed.into_inner()
}

fn once(how: How, numbers: impl IntoIterator<Item = u64>) -> Vec<Vec<Fate>> {
    let numbers = numbers.into_iter();
    numbers.map(|at| vec![Fate { how, at }]).collect()
}

/// T1 and T4, each moment of the story.
#[test]
fn killed_at_any_moment_it_ends_as_if_it_never_was() {
    let (end, counts) = undisturbed();
    let all = once(How::Killed, 1..=counts.moments);
    is_nearly(each(&end, all), counts.moments);
}

/// T2. While it recovers, at another moment each time, and once more.
#[test]
fn killed_while_it_recovers() {
    let (end, counts) = undisturbed();
    let killed = |at| Fate {
        how: How::Killed,
        at,
    };
    // Opening the journal, asking again for what was under way, going on: one after another.
    let again = |at| vec![killed(at), killed(1 + at % 23), killed(1 + at % 17)];
    let stories: Vec<_> = (1..=counts.moments).step_by(3).map(again).collect();
    let all = 3 * stories.len() as u64;
    is_nearly(each(&end, stories), all);
}

/// T3. Half a write is on the disk; and what was not synced is lost with the power, in which nobody has been told anything.
#[test]
fn torn_writes_and_power_cuts() {
    let (end, counts) = undisturbed();
    let mut stories = once(How::Torn, (1..=counts.writes).step_by(3));
    stories.extend(once(How::Cut, 1..=counts.syncs));
    let all = stories.len() as u64;
    is_nearly(each(&end, stories), all);
}

/// T3. What cannot be written down is not done, and nothing of it is lost once it can; nobody has to begin again.
#[test]
fn a_disk_that_is_full_or_fails() {
    let (end, counts) = undisturbed();
    let mut stories = once(How::Full, (1..=counts.writes).step_by(17));
    stories.extend(once(How::Broken, (9..=counts.writes).step_by(17)));
    stories.extend(once(How::Unsynced, (1..=counts.syncs).step_by(3)));
    assert_eq!(each(&end, stories), 0);
}

/// What happens at the same time may come in another order, so that a story is over a moment earlier.
fn is_nearly(killed: usize, all: u64) {
    let killed = killed as u64;
    assert!(
        killed <= all && killed * 20 >= all * 19,
        "{killed} of {all} were killed"
    );
    assert!(all > 100, "{all}");
}
