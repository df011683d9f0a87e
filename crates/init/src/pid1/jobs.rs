//! `jobs CATEGORY`: the scripts of a folder, one after the other.

use std::path::{Path, PathBuf};
use std::time::Duration;

use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::hook::{Layout, sorted};
use boatyard_init::invocation::{Jobs, Overlap};

use super::errand::Limit;
use super::ground::Ground;
use super::job_lock::{self, Held};
use super::sources::{self, Purpose};
use super::sys::clock;
use super::{hooks, say};

/// How long a script may take to end after its TERM.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the scripts of a category. Gives the exit code; what failed has been told.
pub fn run(ground: &Ground, given: &Environment, layout: &Layout, wanted: &Jobs) -> Result<u8, u8> {
    hooks::check_folder(layout, "jobs")?;
    let scripts = scripts(layout, wanted)?;
    let purpose = Purpose {
        role: None,
        script: "deploy_env",
        names_user: true,
        is_silent: !layout.is_compatible,
    };
    let environment = sources::make(ground, given, layout, &purpose)?;
    hooks::announce(
        layout,
        &format!(" -----> Executing jobs ({})", wanted.category),
    );
    if !layout.is_compatible {
        for script in &scripts {
            hooks::check_executable(layout, script)?;
        }
    }
    let _lock = match job_lock::take(ground, &environment, &wanted.category, wanted.overlap)? {
        Held::Ours(lock) => lock,
        Held::Others => {
            let category = &wanted.category;
            say::warn(format_args!("the jobs {category} run already"));
            return Ok(match wanted.overlap {
                Overlap::Fail => exit::BUSY,
                _ => 0,
            });
        }
    };
    let mut first_failure = 0;
    for script in &scripts {
        if let Err(code) = run_one(ground, &environment, layout, wanted, script) {
            if !wanted.continues {
                return Err(code);
            }
            if first_failure == 0 {
                first_failure = code;
            }
        }
    }
    Ok(first_failure)
}

fn run_one(
    ground: &Ground,
    environment: &Environment,
    layout: &Layout,
    wanted: &Jobs,
    script: &Path,
) -> Result<(), u8> {
    if layout.is_compatible {
        hooks::check_executable(layout, script)?;
    }
    let path = script.display();
    hooks::announce(layout, &format!(" -----> Running {path}"));
    let limit = wanted.timeout.map(|after| Limit {
        after,
        grace: GRACE,
    });
    let begun = clock::now();
    let ended = hooks::run_file(ground, environment, script, limit);
    if !layout.is_compatible {
        let code = ended.err().unwrap_or(0);
        let millis = clock::now().saturating_sub(begun).as_millis();
        say::warn(format_args!("{path}: exit code {code} after {millis} ms"));
    }
    ended
}

/// The scripts in order. A category that is not there is a mistake, if it may not be missing.
fn scripts(layout: &Layout, wanted: &Jobs) -> Result<Vec<PathBuf>, u8> {
    let folders = layout.jobs(&wanted.category);
    let is_there = folders.iter().any(|folder| folder.is_dir());
    if !is_there && !wanted.may_be_missing && !layout.is_compatible {
        let last = folders.get(1).or(folders.first());
        let path = last.map(|folder| folder.display().to_string());
        say::warn(format_args!(
            "unknown category {:?}: there is no {}",
            wanted.category,
            path.unwrap_or_default()
        ));
        return Err(exit::UNKNOWN_JOB);
    }
    if folders.first().is_some_and(|old| old.is_dir()) && !layout.is_compatible {
        say::warn(".s2i/cron_jobs is the old name of .s2i/jobs");
    }
    let mut found = Vec::new();
    for folder in folders {
        let names = sorted(hooks::names(&folder), layout.is_compatible);
        found.extend(names.into_iter().map(|name| folder.join(name)));
    }
    found.retain(|path| path.is_file());
    Ok(found)
}
