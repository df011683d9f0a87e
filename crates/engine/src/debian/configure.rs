//! Configuring packages that were unpacked: dpkg does it, inside the root.
//!
//! dpkg runs a package's `preinst` before it unpacks it; we run it after that (as multistrap and debootstrap do for a
//! system that cannot run anything yet), except where it moves files of other packages away (see `install`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use boatyard_plan::failure::{Failure, Fault};

use super::unpack::Unpacked;

/// A command to run inside the root, as its user 0, in `/`, with nothing else in the environment, no terminal, and
/// standard input empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Program (absolute, or searched in `PATH`) and arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code; 128 + signal if a signal ended it.
    pub code: i32,
    /// What it printed on both outputs; at least the last 64 KiB.
    pub output: String,
}

/// Whoever runs commands inside the root.
pub type Run<'a> = dyn FnMut(&Invocation) -> io::Result<Exit> + 'a;

/// Why packages cannot be configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    /// A maintainer script, or dpkg, failed.
    #[error("configuring Debian packages failed: {what} ended with code {code}\n{tail}")]
    Failed {
        /// What was run.
        what: String,
        /// Its exit code.
        code: i32,
        /// The last lines that it printed.
        tail: String,
    },
    /// It could not be run at all.
    #[error("cannot run {what} inside the new root")]
    NotRun {
        /// What was to be run.
        what: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file of the root cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of the root cannot be changed.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Failure for ConfigureError {
    fn fault(&self) -> Fault {
        match self {
            Self::Failed { .. } => Fault::Work,
            Self::NotRun { .. } | Self::Read { .. } | Self::Write { .. } => Fault::Refused,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Failed { tail, .. } if tail.contains("No space left on device") => Some(
                "the disk is full: free space, or point BOATYARD_HOME at another disk".to_owned(),
            ),
            Self::Failed { .. } => Some(
                "the lines above are the script's own; a package may not suit a container"
                    .to_owned(),
            ),
            Self::NotRun { .. } => Some("run \"boatyard doctor\"".to_owned()),
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => Some(
                "the disk is full: free space, or point BOATYARD_HOME at another disk".to_owned(),
            ),
            Self::Read { .. } | Self::Write { .. } => None,
        }
    }
}

/// Where scripts that start services ask first; 101 forbids it (invoke-rc.d(8)).
const POLICY: &str = "usr/sbin/policy-rc.d";

/// What every command finds in its environment. `epoch` (seconds since 1970) is what programs take for now where they
/// write the time into files, so that the same packages give the same bytes.
pub fn environment(epoch: u64) -> BTreeMap<String, String> {
    [
        (
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("HOME", "/root"),
        ("LC_ALL", "C"),
        ("DEBIAN_FRONTEND", "noninteractive"),
        ("DEBCONF_NONINTERACTIVE_SEEN", "true"),
        ("DEBCONF_NOWARNINGS", "yes"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .chain([("SOURCE_DATE_EPOCH".to_owned(), epoch.to_string())])
    .collect()
}

/// Runs the `preinst` scripts of packages, in their order.
pub fn preinstall(
    unpacked: &[Unpacked],
    epoch: u64,
    run: &mut Run<'_>,
) -> Result<(), ConfigureError> {
    for package in unpacked {
        let control = &package.control;
        if control.file("preinst").is_none() {
            continue;
        }
        let mut env = environment(epoch);
        for (name, value) in [
            ("DPKG_MAINTSCRIPT_NAME", "preinst"),
            ("DPKG_MAINTSCRIPT_PACKAGE", &control.name),
            ("DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT", "1"),
            ("DPKG_MAINTSCRIPT_ARCH", &control.architecture),
            ("DPKG_ADMINDIR", "/var/lib/dpkg"),
            ("DPKG_ROOT", ""),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        let script = format!("/var/lib/dpkg/info/{}.preinst", control.info_name());
        execute(vec![script, "install".to_owned()], env, run)?;
    }
    Ok(())
}

/// Configures everything that is unpacked, and processes triggers. Services are not started.
pub fn configure(root: &Path, epoch: u64, run: &mut Run<'_>) -> Result<(), ConfigureError> {
    dpkg(root, &[], &["-a".to_owned()], epoch, run)
}

/// Configures some packages, without regard to what they depend on; triggers wait. Services are not started.
pub fn configure_some(
    root: &Path,
    names: &[String],
    epoch: u64,
    run: &mut Run<'_>,
) -> Result<(), ConfigureError> {
    dpkg(
        root,
        &["--no-triggers", "--force-depends"],
        names,
        epoch,
        run,
    )
}

fn dpkg(
    root: &Path,
    options: &[&str],
    which: &[String],
    epoch: u64,
    run: &mut Run<'_>,
) -> Result<(), ConfigureError> {
    let policy = root.join(POLICY);
    let own = !policy.exists();
    if own {
        put(&policy, "#!/bin/sh\nexit 101\n", 0o755)?;
    }
    let fixed = [
        "dpkg",
        "--force-unsafe-io",
        "--force-confdef",
        "--force-confold",
    ];
    let argv = fixed
        .iter()
        .chain(options)
        .chain(&["--configure"])
        .map(|word| (*word).to_owned())
        .chain(which.iter().cloned())
        .collect();
    let result = execute(argv, environment(epoch), run);
    if own {
        fs::remove_file(&policy).map_err(|source| ConfigureError::Write {
            path: policy,
            source,
        })?;
    }
    result
}

fn execute(
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    run: &mut Run<'_>,
) -> Result<(), ConfigureError> {
    let what = argv.join(" ");
    let invocation = Invocation { argv, env };
    match run(&invocation) {
        Ok(Exit { code: 0, .. }) => Ok(()),
        Ok(Exit { code, output }) => {
            let lines: Vec<&str> = output.trim_end().lines().collect();
            let tail = lines[lines.len().saturating_sub(30)..].join("\n");
            Err(ConfigureError::Failed { what, code, tail })
        }
        Err(source) => Err(ConfigureError::NotRun { what, source }),
    }
}

/// Writes a file of the root, and the folders above it.
pub(super) fn put(path: &Path, text: &str, mode: u32) -> Result<(), ConfigureError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .map_err(|source| ConfigureError::Write {
            path: path.to_owned(),
            source,
        })
}
