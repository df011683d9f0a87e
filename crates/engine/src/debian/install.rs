//! Installing packages into a root, from an empty folder or on top of what is there.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};
use std::time::UNIX_EPOCH;

use super::catalog::Catalog;
use super::clean::{self, Kept};
use super::configure::{self, ConfigureError, Run};
use super::confined;
use super::deb::Control;
use super::distroless;
use super::download::Downloads;
use super::filter::{Filter, SLIM_CONFIGURATION};
use super::index::Indexes;
use super::install_error::InstallError;
use super::package::Package;
use super::records;
use super::report::{Observer, Progress};
use super::resolve::resolve;
use super::root::Owners;
use super::status::Status;
use super::unmet::ResolveError;
use super::unpack::{Records, Unpacked, Unpacker, Unpacking};
use super::unpack_error::UnpackError;

/// What to install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Packages by name (or `NAME=VERSION`), with all that they depend on. In an empty root the essential packages are
    /// added: what `mmdebstrap --variant=essential` installs, so no apt.
    pub packages: Vec<String>,
    /// How much of the packages an empty root gets; for more packages on top, it is as the root is.
    pub form: Form,
    /// Whose files they become.
    pub owners: Owners,
    /// What scripts take for now where they write the time into files (seconds since 1970); the date of the indexes if
    /// not given.
    pub epoch: Option<u64>,
}

/// How much of its packages a root has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All.
    Whole,
    /// No documentation, manual pages and translations, as `debian:*-slim`.
    Slim,
    /// Neither those, nor a shell, nor dpkg: see `distroless`.
    Distroless,
}

/// What was installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Names and versions of the packages that were added, by name.
    pub added: Vec<(String, String)>,
    /// The size of their files in bytes.
    pub packed_bytes: u64,
}

impl Report {
    pub(super) fn of(packages: Vec<Package>) -> Self {
        Self {
            packed_bytes: packages.iter().map(|package| package.size_bytes).sum(),
            added: packages
                .into_iter()
                .map(|package| (package.name, package.version))
                .collect(),
        }
    }
}

/// Everything that an empty root gets where `names` are wanted, with the essential packages.
pub fn whole(names: &[String], indexes: &Indexes) -> Result<Vec<Package>, InstallError> {
    let mut want = names.to_vec();
    want.extend(indexes.catalog.essential());
    Ok(resolve(&indexes.catalog, &want, &[])?)
}

/// Which packages a request adds to a root.
pub fn plan(
    root: &Path,
    request: &Request,
    indexes: &Indexes,
) -> Result<Vec<Package>, InstallError> {
    let installed = Status::read(root)?.installed();
    let mut want = request.packages.clone();
    if installed.is_empty() {
        want.extend(indexes.catalog.essential());
    }
    Ok(resolve(&indexes.catalog, &want, &installed)?)
}

/// Installs packages. A root that this failed in, or was killed in, is to be thrown away.
pub fn install(
    root: &Path,
    request: &Request,
    indexes: &Indexes,
    downloads: &Downloads<'_>,
    observer: &Observer<'_>,
    run: &mut Run<'_>,
) -> Result<Report, InstallError> {
    confined::check(root)?;
    if request.form == Form::Distroless || records::are_kept(root) {
        return distroless::install(root, request, indexes, downloads, observer, run);
    }
    let packages = plan(root, request, indexes)?;
    if packages.is_empty() {
        return Ok(Report::default());
    }
    let bootstrap = Status::read(root)?.installed().is_empty();
    let epoch = epoch(request, indexes);
    let kept = Kept::of(root);
    if bootstrap {
        prepare(root, &packages)?;
    }
    // What has to be there before anything can run, a preinst included.
    let first = if bootstrap {
        closure(&indexes.catalog)?
    } else {
        BTreeSet::new()
    };
    let unpacking = Unpacking {
        filter: filter(root, request)?,
        owners: request.owners,
        records: Records::Dpkg,
    };
    let (unpacked, late) = stream(root, (&packages, &first), &unpacking, downloads, observer)?;
    let total = packages.len();
    // Every package may rely on the essential ones without saying so: they are configured before the others are touched.
    let (essential, others): (Vec<_>, Vec<_>) = unpacked
        .into_iter()
        .partition(|package| first.contains(&package.control.name));
    if bootstrap {
        configure::preinstall(&essential, epoch, run)?;
        // Nothing has a user or a group before it.
        configure::configure_some(root, &["base-passwd".to_owned()], epoch, run)?;
        let names: Vec<String> = first
            .iter()
            .filter(|name| *name != "base-passwd")
            .cloned()
            .collect();
        configure::configure_some(root, &names, epoch, run)?;
    }
    configure::preinstall(&others, epoch, run)?;
    for (order, deb) in late {
        // Its preinst moves files away, so it has to run before its files are there.
        divert(root, (order, &deb), &unpacking, epoch, run)?;
        observer(Progress::Unpacked {
            package: packages[order].name.clone(),
            total,
        });
    }
    configure::configure(root, epoch, run)?;
    clean::clean(root, &kept)?;
    observer(Progress::Configured { total });
    Ok(Report::of(packages))
}

/// What scripts take for now.
pub(super) fn epoch(request: &Request, indexes: &Indexes) -> u64 {
    let made = || indexes.date.duration_since(UNIX_EPOCH);
    request
        .epoch
        .unwrap_or_else(|| made().map_or(0, |since| since.as_secs()))
}

/// The names of the essential packages and all that they depend on.
fn closure(catalog: &Catalog) -> Result<BTreeSet<String>, ResolveError> {
    let packages = resolve(catalog, &catalog.essential(), &[])?;
    Ok(packages.into_iter().map(|package| package.name).collect())
}

/// A package that is unpacked after the others: its place in the list, and its file.
type Late = (usize, PathBuf);

/// Downloads and unpacks at the same time. Packages whose `preinst` diverts are returned, not unpacked, if there is
/// something to divert.
pub(super) fn stream(
    root: &Path,
    (packages, first): (&[Package], &BTreeSet<String>),
    unpacking: &Unpacking,
    downloads: &Downloads<'_>,
    observer: &Observer<'_>,
) -> Result<(Vec<Unpacked>, Vec<Late>), InstallError> {
    let unpacker = Unpacker::new(root, unpacking)?;
    let (sender, receiver) = mpsc::channel::<(usize, PathBuf)>();
    let receiver = Mutex::new(receiver);
    let late = Mutex::new(Vec::new());
    let work = || -> Result<(), UnpackError> {
        let worker = unpacker.worker()?;
        loop {
            let next = receiver.lock().expect("nothing panics with it").recv();
            let Ok((order, deb)) = next else {
                return Ok(());
            };
            let control = Control::read(&deb).map_err(|source| UnpackError::Read {
                deb: deb.clone(),
                source,
            })?;
            if control.diverts() && !first.contains(&control.name) {
                late.lock()
                    .expect("nothing panics with it")
                    .push((order, deb));
                continue;
            }
            worker.unpack(order, &deb, control)?;
            observer(Progress::Unpacked {
                package: packages[order].name.clone(),
                total: packages.len(),
            });
        }
    };
    let failed = std::sync::atomic::AtomicBool::new(false);
    let guarded =
        || work().inspect_err(|_| failed.store(true, std::sync::atomic::Ordering::Relaxed));
    let (downloaded, worked) = std::thread::scope(|scope| {
        let workers = [scope.spawn(guarded), scope.spawn(guarded)];
        let sender = Mutex::new(sender);
        let downloaded = downloads.each(packages, observer, &|index, path| {
            let sent = sender
                .lock()
                .expect("nothing panics with it")
                .send((index, path))
                .is_ok();
            sent && !failed.load(std::sync::atomic::Ordering::Relaxed)
        });
        drop(sender);
        observer(Progress::Fetched);
        let worked: Vec<_> = workers
            .into_iter()
            .map(|worker| worker.join().expect("it does not panic"))
            .collect();
        (downloaded, worked)
    });
    downloaded?;
    for result in worked {
        result?;
    }
    let mut late = late.into_inner().expect("nothing panics with it");
    late.sort();
    Ok((unpacker.finish()?, late))
}

fn divert(
    root: &Path,
    (order, deb): (usize, &Path),
    unpacking: &Unpacking,
    epoch: u64,
    run: &mut Run<'_>,
) -> Result<(), InstallError> {
    let control = Control::read(deb).map_err(|source| UnpackError::Read {
        deb: deb.to_owned(),
        source,
    })?;
    let only = Unpacked {
        control: control.clone(),
        paths: Vec::new(),
    };
    let script = root.join(format!("var/lib/dpkg/info/{}.preinst", control.info_name()));
    if let Some(file) = control.file("preinst") {
        configure::put(&script, &String::from_utf8_lossy(&file.bytes), 0o755)?;
        configure::preinstall(&[only], epoch, run)?;
    }
    let unpacker = Unpacker::new(root, unpacking)?;
    unpacker.worker()?.unpack(order, deb, control)?;
    unpacker.finish()?;
    Ok(())
}

/// Makes an empty root ready: `/bin` and its like are links into `/usr` before anything is unpacked through them.
pub(super) fn prepare(root: &Path, packages: &[Package]) -> Result<(), UnpackError> {
    let broken = |path: &Path| {
        let path = path.to_owned();
        move |source| UnpackError::State { path, source }
    };
    let amd64 = packages
        .iter()
        .any(|package| package.architecture == "amd64");
    let names: &[&str] = if amd64 {
        &["bin", "sbin", "lib", "lib64"]
    } else {
        &["bin", "sbin", "lib"]
    };
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).map_err(broken(root))?;
    for name in names {
        let folder = root.join("usr").join(name);
        fs::create_dir_all(&folder).map_err(broken(&folder))?;
        let link = root.join(name);
        if !link.is_symlink() {
            std::os::unix::fs::symlink(format!("usr/{name}"), &link).map_err(broken(&link))?;
        }
    }
    Ok(())
}

/// What is left out: what the root's dpkg is configured to leave out, and what was asked for, which is written into
/// that configuration.
fn filter(root: &Path, request: &Request) -> Result<Filter, ConfigureError> {
    let configuration = root.join(SLIM_CONFIGURATION);
    if request.form == Form::Slim && !configuration.exists() {
        configure::put(&configuration, &Filter::slim().configuration(), 0o644)?;
    }
    let mut filter = Filter::default();
    let folder = root.join("etc/dpkg/dpkg.cfg.d");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    for file in files {
        filter.read(&fs::read_to_string(file).unwrap_or_default());
    }
    Ok(filter)
}
