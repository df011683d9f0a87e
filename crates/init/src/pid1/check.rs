//! `check`: what in this image cannot be used, found when it is built and not when it is started.

use std::ffi::CString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use boatyard_init::contract::{Command, Contract};
use boatyard_init::cron::{Schedule, Stars};
use boatyard_init::environment::Environment;
use boatyard_init::exit;
use boatyard_init::hook::{IMAGE_JOBS, Layout, Moment, sorted};
use boatyard_init::line::{self, Shell};
use jiff::tz::TimeZone;

use super::{hooks, image, path, say};

/// Prints what is wrong, one on a line, and returns the exit code.
pub fn run(environment: &Environment, layout: &Layout) -> u8 {
    let mut findings = Vec::new();
    let contract = match image::contract() {
        Ok(contract) => contract,
        // It has been told.
        Err(code) => return code,
    };
    if let Some(contract) = &contract {
        roles(contract, environment, &mut findings);
    }
    scripts(layout, environment, &mut findings);
    let mut answer = String::new();
    for finding in &findings {
        let _ = writeln!(answer, "{finding}");
    }
    if findings.is_empty() {
        let roles = contract.map_or(0, |contract| contract.roles.len());
        let _ = writeln!(answer, "nothing to mend; {roles} roles");
    }
    match (say::answer(&answer), findings.is_empty()) {
        (true, true) => 0,
        (false, true) => 1,
        (_, false) => exit::CONFIG,
    }
}

fn roles(contract: &Contract, environment: &Environment, findings: &mut Vec<String>) {
    let roles = contract
        .roles
        .iter()
        .map(|(name, role)| ("role", name, &role.command));
    let jobs = contract
        .jobs
        .iter()
        .map(|(name, job)| ("job", name, &job.command));
    let schedules = contract
        .schedules
        .iter()
        .map(|(name, schedule)| ("schedule", name, &schedule.command));
    for (kind, name, command) in roles.chain(jobs).chain(schedules) {
        if let Some(why) = why_not(command, environment) {
            findings.push(format!("{kind} {name:?}: {why}"));
        }
    }
    for (role, found) in &contract.roles {
        for (name, service) in found.supervise.iter().flat_map(|found| &found.services) {
            if let Some(why) = why_not(&service.command, environment) {
                findings.push(format!("service {name:?} of role {role:?}: {why}"));
            }
        }
    }
    for (name, schedule) in &contract.schedules {
        if let Err((_, wrong)) = Schedule::parse(&schedule.cron, Stars::Alone) {
            findings.push(format!("schedule {name:?}: {wrong}"));
        }
        let zone = schedule.manner.timezone.as_ref();
        if let Some(zone) = zone.filter(|zone| TimeZone::get(zone).is_err()) {
            findings.push(format!("schedule {name:?}: there is no time zone {zone:?}"));
        }
    }
    if let Some(role) = image::role(environment).filter(|role| !role.is_empty())
        && !contract.roles.contains_key(&role)
    {
        findings.push(format!("ROLE is {role:?}, which is no role of this image"));
    }
}

/// Why a command cannot be run, as far as that can be known without running it.
fn why_not(command: &Command, environment: &Environment) -> Option<String> {
    let shell = if Path::new("/bin/sh").exists() {
        Shell::There
    } else {
        Shell::Missing
    };
    let program = match command {
        Command::Words(words) => words.first()?.clone().into_bytes(),
        Command::Line(text) => {
            let variable = |name: &str| environment.get(name).map(<[u8]>::to_vec);
            match (line::native(text, variable, shell), shell) {
                (Ok(words), _) => words.into_iter().next()?,
                (Err(_), Shell::There) => return None,
                (Err(outside), Shell::Missing) => {
                    return Some(format!(
                        "there is no /bin/sh, and the command needs it for {outside}"
                    ));
                }
            }
        }
    };
    let name = CString::new(program).ok()?;
    let found = path::first(&name, environment);
    found
        .is_none()
        .then(|| format!("there is no program {}", name.to_string_lossy()))
}

fn scripts(layout: &Layout, environment: &Environment, findings: &mut Vec<String>) {
    let moments = [
        Moment::PreBuild,
        Moment::Build,
        Moment::Deploy,
        Moment::Run,
        Moment::PostDeploy,
    ];
    for folder in layout.hooks() {
        for moment in moments.iter().chain(&Moment::COMMANDS) {
            executable(&folder.join(moment.name()), findings);
            let more = folder.join(format!("{}.d", moment.name()));
            for name in sorted(hooks::names(&more), false) {
                executable(&more.join(name), findings);
            }
        }
        for name in ["build_env", "deploy_env"] {
            sourced(&folder.join(name), environment, findings);
        }
    }
    let own = layout.source.join(".s2i");
    for root in [own.join("cron_jobs"), own.join("jobs"), IMAGE_JOBS.into()] {
        for category in sorted(hooks::names(&root), false) {
            let folder = root.join(category);
            for name in sorted(hooks::names(&folder), layout.is_compatible) {
                executable(&folder.join(name), findings);
            }
        }
    }
}

fn executable(path: &Path, findings: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(found) = fs::metadata(path) else {
        return;
    };
    if found.is_file() && found.permissions().mode() & 0o111 == 0 {
        findings.push(format!("{}: not executable", path.display()));
    }
}

/// A script that is sourced needs bash, or nothing that only bash does.
fn sourced(path: &Path, environment: &Environment, findings: &mut Vec<String>) {
    if !path.is_file() || path::has("bash", environment) {
        return;
    }
    let shown = path.display();
    match fs::read_to_string(path) {
        Err(error) => findings.push(format!("{shown}: {error}")),
        Ok(text) => {
            if let Err(fault) = line::evaluate(&text, environment) {
                let (line, outside) = (fault.line, fault.outside);
                findings.push(format!(
                    "{shown}:{line}: there is no bash, and the script needs it for {outside}"
                ));
            }
        }
    }
}
