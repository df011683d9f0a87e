//! Roots without a shell, dpkg and apt: the files of packages, and what matters of what their scripts would have done.
//!
//! ```text
//! python3 -> python3.11 -> libc6, libssl3, ...     unpacked
//!        \'-> dpkg, debconf, perl-base, ...         taken for granted: they only serve the scripts, which are not run
//! ```

use std::collections::BTreeSet;
use std::path::Path;

use super::alternatives;
use super::catalog::Catalog;
use super::clean::{self, Kept};
use super::configure::{Invocation, Run, environment};
use super::deb::Control;
use super::download::Downloads;
use super::filter::Filter;
use super::index::Indexes;
use super::install::{Report, Request, epoch, prepare, stream};
use super::install_error::InstallError;
use super::records;
use super::report::{Observer, Progress};
use super::resolve::{Installed, resolve};
use super::settle;
use super::unpack::{Records, Unpacked, Unpacking};

/// What an empty root begins with: names of users, services and protocols, time zones, the public certificate
/// authorities, the C library and its locale.
const FIRST: [&str; 4] = ["base-files", "libc6", "netbase", "tzdata"];

/// Packages of which only the data is wanted, beside `FIRST`: their programs prepare a system, and this one is prepared.
/// So nothing that the programs need is wanted either.
const DATA_ONLY: [&str; 3] = ["base-passwd", "ca-certificates", "libc-bin"];

/// Packages that others depend on for the sake of their scripts, beside the essential ones.
const SCRIPTS_ONLY: [&str; 8] = [
    "adduser",
    "cdebconf",
    "debconf",
    "install-info",
    "mawk",
    "perl",
    "sensible-utils",
    "ucf",
];

/// Installs packages without running their scripts.
pub(super) fn install(
    root: &Path,
    request: &Request,
    indexes: &Indexes,
    downloads: &Downloads<'_>,
    observer: &Observer<'_>,
    run: &mut Run<'_>,
) -> Result<Report, InstallError> {
    let mut installed = records::installed(root)?;
    let mut want = request.packages.clone();
    let is_new = installed.is_empty();
    if is_new {
        want.extend(FIRST.map(str::to_owned));
    }
    installed.extend(granted(&indexes.catalog, &want, is_new));
    let mut packages = resolve(&indexes.catalog, &want, &installed)?;
    if is_new {
        let data = DATA_ONLY.iter();
        let newest = |name: &&str| indexes.catalog.versions(name).into_iter().next();
        packages.extend(data.filter_map(newest));
        packages.sort_by(|one, other| one.name.cmp(&other.name));
    }
    if packages.is_empty() {
        observer(Progress::Fetched);
        return Ok(Report::default());
    }
    let kept = Kept::of(root);
    if is_new {
        prepare(root, &packages)?;
    }
    let unpacking = Unpacking {
        filter: Filter::distroless(),
        owners: request.owners,
        records: Records::Folder,
    };
    let all: BTreeSet<String> = packages
        .iter()
        .map(|package| package.name.clone())
        .collect();
    let (unpacked, _) = stream(root, (&packages, &all), &unpacking, downloads, observer)?;
    if is_new {
        for package in &unpacked {
            if DATA_ONLY.contains(&package.control.name.as_str()) {
                settle::without_programs(root, package)?;
            }
        }
        settle::settle(root)?;
    }
    let scripts = unpacked
        .iter()
        .filter_map(|package| package.control.file("postinst"));
    let choices =
        scripts.flat_map(|file| alternatives::calls(&String::from_utf8_lossy(&file.bytes)));
    alternatives::choose(root, choices.collect())?;
    compile(&unpacked, epoch(request, indexes), observer, run);
    clean::clean(root, &kept)?;
    tell(&unpacked, observer);
    observer(Progress::Configured {
        total: packages.len(),
    });
    Ok(Report::of(packages))
}

/// What is taken for installed although it is not, or not yet: what only scripts need, unless it is wanted by name, and
/// in a new root that of which only the data is wanted.
fn granted(catalog: &Catalog, want: &[String], is_new: bool) -> Vec<Installed> {
    let mut names = catalog.essential();
    names.extend(SCRIPTS_ONLY.map(str::to_owned));
    names.retain(|name| {
        let mut wishes = want.iter().filter_map(|wish| wish.split('=').next());
        !wishes.any(|wish| wish == name)
    });
    if is_new {
        names.extend(DATA_ONLY.map(str::to_owned));
    }
    names.sort();
    names.dedup();
    names
        .iter()
        .filter_map(|name| catalog.versions(name).into_iter().next())
        .map(|package| Installed {
            name: package.name,
            version: package.version,
            provides: package.provides,
            // What is not there is in nobody's way.
            excludes: Vec::new(),
        })
        .collect()
}

/// Compiles Python's own modules, as the scripts of its packages do: without it each start would.
fn compile(unpacked: &[Unpacked], epoch: u64, observer: &Observer<'_>, run: &mut Run<'_>) {
    let paths = || unpacked.iter().flat_map(|package| &package.paths);
    let is_module = |path: &&String| Path::new(path).extension().is_some_and(|end| end == "py");
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for path in paths().filter(is_module) {
        let below = path.strip_prefix("/usr/lib/").unwrap_or_default();
        if let Some((folder, _)) = below.split_once('/')
            && folder.starts_with("python3")
        {
            folders.insert(format!("/usr/lib/{folder}"));
        }
    }
    let is_interpreter = |path: &&String| {
        let minor = path.strip_prefix("/usr/bin/python3.").unwrap_or_default();
        !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
    };
    let Some(interpreter) = paths().find(is_interpreter) else {
        return;
    };
    // By their content: the times of an image are not those of the packages.
    let fixed = [
        interpreter.as_str(),
        "-E",
        "-S",
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
    ];
    let argv = fixed.into_iter().map(str::to_owned);
    let invocation = Invocation {
        argv: argv.chain(folders).collect(),
        env: environment(epoch),
    };
    let failed = match run(&invocation) {
        Ok(exit) if exit.code == 0 => return,
        Ok(exit) => exit.output,
        Err(error) => error.to_string(),
    };
    let last = failed.trim_end().lines().last().unwrap_or_default();
    observer(Progress::Notice {
        message: format!(
            "Python's modules could not all be compiled, so that it starts slowly: {last}"
        ),
        help: None,
    });
}

/// Says which packages have scripts that may be missed.
fn tell(unpacked: &[Unpacked], observer: &Observer<'_>) {
    let names: Vec<&str> = unpacked
        .iter()
        .map(|package| &package.control)
        .filter(|control| settle::may_be_missed(control))
        .map(|control: &Control| control.name.as_str())
        .collect();
    if !names.is_empty() {
        observer(Progress::Notice {
            message: format!(
                "unpacked and not configured, as the base has no dpkg: {}",
                names.join(", ")
            ),
            help: Some(
                "what their scripts would set up is missing: if the application needs it, use a base with dpkg, as \"debian:bookworm-slim\"".to_owned(),
            ),
        });
    }
}
