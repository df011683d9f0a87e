//! Which packages an image has: its package databases, read through its layers without mounting them.
//!
//! ```text
//! image in the store --layers--> Stack --walk--> bytes --plan::sbom--> Inventory
//! ```

use std::io::Read as _;
use std::path::{Path, PathBuf};

use boatyard_plan::image::Descriptor;
use boatyard_plan::reference::Reference;
use boatyard_plan::sbom::debian::{self, Distribution};
use boatyard_plan::sbom::{Inventory, Subject, python};
use boatyard_store::{DiskError, Store, StoreError, host_platform};

use crate::build::{epoch, image};
use crate::snapshot::{Stack, Tree};

/// Where dpkg keeps its status, and images without dpkg theirs.
const STATUS: &str = "/var/lib/dpkg/status";
const STATUS_FOLDER: &str = "/var/lib/dpkg/status.d";

/// Where the kernel shows itself: what an image has there is hidden while it runs.
const KERNEL: [&str; 3] = ["/dev", "/proc", "/sys"];

/// A record that is larger is none: Debian's whole archive has a status of 80 MB, bytes.
const MAX_RECORD: u64 = 128 << 20;

/// The image that `descriptor` is, for this machine's platform, and its packages; unpacks the layers that are missing. It
/// is dated to `SOURCE_DATE_EPOCH`, else to when it was made, else to 1970.
pub fn of(
    store: &Store,
    reference: &Reference,
    descriptor: &Descriptor,
) -> Result<(Subject, Inventory), StoreError> {
    let selected = store.select(descriptor, &host_platform())?;
    let manifest = store.manifest(&selected)?;
    let config = store.config(&manifest)?;
    let tree = Tree {
        layers: store.layers(&manifest)?,
        epoch: epoch::from_environment()
            .or_else(|| image::seconds(config.created.as_deref()?))
            .unwrap_or(0),
    };
    let subject = Subject {
        reference: reference.clone(),
        digest: selected.digest,
        architecture: config.architecture,
        created: image::rfc3339(tree.epoch),
    };
    Ok((subject, packages(&tree.stack(store)?)?))
}

fn packages(stack: &Stack) -> Result<Inventory, DiskError> {
    let mut inventory = Inventory::default();
    for place in ["/etc/os-release", "/usr/lib/os-release"] {
        if inventory.distribution.is_none()
            && let Some(bytes) = read(stack, Path::new(place))?
        {
            inventory.distribution = Distribution::read(&bytes);
        }
    }
    add_debian(stack, &mut inventory)?;
    add_python(stack, &mut inventory)?;
    inventory.unread.sort();
    Ok(inventory)
}

fn add_debian(stack: &Stack, inventory: &mut Inventory) -> Result<(), DiskError> {
    let mut places = vec![PathBuf::from(STATUS)];
    let folder = stack.resolve(Path::new(STATUS_FOLDER))?;
    let names = stack.list(&folder)?.into_keys().map(PathBuf::from);
    // Beside a package's record is the list of its files.
    let records = names.filter(|name| name.extension().is_none_or(|end| end != "md5sums"));
    places.extend(records.map(|name| Path::new(STATUS_FOLDER).join(name)));
    for path in places {
        let Some(bytes) = read(stack, &path)? else {
            continue;
        };
        let place = path.to_string_lossy();
        let read = debian::packages(&bytes, &place, inventory.distribution.as_ref());
        if read.damaged > 0 {
            inventory.unread.push(place.into_owned());
        }
        for package in read.packages {
            inventory.add(package);
        }
    }
    Ok(())
}

/// All that installers of Python recorded, wherever it is: nothing says where environments are.
fn add_python(stack: &Stack, inventory: &mut Inventory) -> Result<(), DiskError> {
    let mut folders = vec![PathBuf::from("/")];
    while let Some(folder) = folders.pop() {
        for (name, seen) in stack.list(&folder)? {
            let path = folder.join(&name);
            let is_folder = seen.metadata.is_dir();
            let record = match path.extension().and_then(|end| end.to_str()) {
                Some("dist-info") if is_folder => path.join("METADATA"),
                Some("egg-info") if is_folder => path.join("PKG-INFO"),
                Some("egg-info") if seen.metadata.is_file() => path,
                _ => {
                    if is_folder && !KERNEL.iter().any(|hidden| path == Path::new(hidden)) {
                        folders.push(path);
                    }
                    continue;
                }
            };
            let place = record.to_string_lossy();
            let direct_url = read(stack, &record.with_file_name("direct_url.json"))?;
            let package = read(stack, &record)?
                .and_then(|bytes| python::package(&bytes, direct_url.as_deref(), &place));
            match package {
                Some(package) => inventory.add(package),
                None => inventory.unread.push(place.into_owned()),
            }
        }
    }
    Ok(())
}

/// The file at the absolute `path`, links followed. `None` if it is no file, or too large for a record.
fn read(stack: &Stack, path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    let Some(found) = stack.look(&stack.resolve(path)?)? else {
        return Ok(None);
    };
    if !found.metadata.is_file() || found.metadata.len() > MAX_RECORD {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&found.at)
        .and_then(|file| file.take(MAX_RECORD).read_to_end(&mut bytes))
        .map_err(|source| DiskError::new("read", &found.at, source))?;
    Ok(Some(bytes))
}
