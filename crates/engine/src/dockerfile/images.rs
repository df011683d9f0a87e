//! Images to start from and to copy from: named contexts first, then the store, then registries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use boatyard_plan::attest::Material;
use boatyard_plan::dockerfile::platform;
use boatyard_plan::event::{Event, Outcome, Unit};
use boatyard_plan::image::{Descriptor, ImageConfig, Platform, RootFs, RunConfig};
use boatyard_plan::lock::{self, LockError, Pin};
use boatyard_plan::reference::Reference;
use boatyard_store::{import, registry};

use super::driver::Driver;
use super::request::{Named, Pull};
use super::{DockerfileError, copy, debian};
use crate::build::{epoch, image as created};
use crate::locked;
use crate::sink::Work;
use crate::snapshot::Tree;

/// An image.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// Its file system.
    pub(super) tree: Tree,
    /// What it says about itself.
    pub(super) config: ImageConfig,
}

/// Images that were looked up, by what they were called. One look-up each, whoever asks.
pub(super) type Known = Mutex<BTreeMap<(String, String), Arc<Mutex<Option<Image>>>>>;

/// The image that is called `name`, for `platform`. `stage` is the one that starts from it.
pub(super) fn find(
    driver: &Driver<'_>,
    stage: Option<&str>,
    name: &str,
    platform: &Platform,
) -> Result<Image, DockerfileError> {
    let called = name;
    let slot = {
        let mut known = driver.images.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name.to_owned(), platform::format(platform));
        Arc::clone(known.entry(key).or_default())
    };
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(image) = &*slot {
        return Ok(image.clone());
    }
    let id = match stage {
        Some(stage) => format!("{stage}/0"),
        None => name.to_owned(),
    };
    let work = Work::begin(driver.bench.sink, &id, stage, &format!("image {name}"));
    let (image, cached) = match driver.request.named.get(name) {
        Some(Named::Folder { .. }) => (folder_image(driver, name)?, true),
        Some(Named::Layout { path, name }) => {
            let imported = import::path(driver.bench.store, path, name.as_deref())?;
            let selected = driver.bench.store.select(&imported.manifest, platform)?;
            // It is a file of this machine: its name needs no lock.
            let base = base(called, platform, Pin::Image(selected.digest.clone()));
            driver.note(|taken| taken.materials.extend([Material::from(&base)]));
            (of_store(driver, &selected)?, true)
        }
        Some(Named::Image(other)) => by_reference(driver, &id, other, platform)?,
        None => by_reference(driver, &id, name, platform)?,
    };
    let size = image.tree.layers.iter().map(|layer| layer.blob.size).sum();
    let outcome = if cached {
        Outcome::Cached
    } else {
        Outcome::Done
    };
    work.end(outcome, Some(size));
    *slot = Some(image.clone());
    Ok(image)
}

/// A folder as an image without configuration.
fn folder_image(driver: &Driver<'_>, name: &str) -> Result<Image, DockerfileError> {
    let tree = copy::whole(driver, name)?;
    let mut config = nothing(&driver.request.platform);
    "/".clone_into(&mut config.config.working_dir);
    Ok(Image { tree, config })
}

/// The image that `FROM scratch` starts from.
pub(super) fn nothing(platform: &Platform) -> ImageConfig {
    ImageConfig {
        created: None,
        author: None,
        architecture: platform.architecture.clone(),
        os: platform.os.clone(),
        config: RunConfig::default(),
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: Vec::new(),
        },
        history: Vec::new(),
    }
}

/// An image of the store or of its registry. True if nothing had to be fetched.
fn by_reference(
    driver: &Driver<'_>,
    id: &str,
    name: &str,
    platform: &Platform,
) -> Result<(Image, bool), DockerfileError> {
    let (request, store) = (driver.request, driver.bench.store);
    let reference: Reference = name.parse()?;
    if let Some(confinement) = driver.bench.confined {
        confinement.image(&reference)?;
    }
    let options = registry::Options {
        platform: platform.clone(),
        ..registry::Options::from_variables(|name| std::env::var(name).ok())
    };
    let told = |progress: registry::Progress| {
        (driver.bench.sink)(Event::Progress {
            id: id.to_owned(),
            done: progress.done,
            total: Some(progress.total),
            unit: Unit::Bytes,
            note: String::new(),
        });
    };
    // A digest is a lock of its own.
    let pin = match reference.digest {
        Some(_) => None,
        None => locked::find(
            &request.lock,
            name,
            &platform::format(platform),
            driver.bench.sink,
        )?,
    };
    let found = |descriptor: Descriptor, cached| {
        let pin = Pin::Image(descriptor.digest.clone());
        let base = base(name, platform, pin);
        driver.note(|taken| taken.bases.extend([base]));
        Ok((of_store(driver, &descriptor)?, cached))
    };
    if let Some(Pin::Image(digest)) = pin {
        let locked = locked::image(store, &reference, digest, &options, &told);
        let (descriptor, cached) = locked.map_err(|source| no_image(name, None, source))?;
        return found(descriptor, cached);
    }
    let release = debian::suite(&reference);
    if let (Some(Pin::Packages { .. }), Some((suite, slim))) = (pin, &release) {
        return debian::image(driver, id, name, pin, (suite, *slim));
    }
    if pin.is_some() {
        return Err(LockError::OtherKind {
            reference: name.to_owned(),
            locked: "made from packages",
            found: "an image",
        }
        .into());
    }
    if request.pull != Pull::Always {
        for spelling in spellings(name) {
            let Ok(spelling) = spelling.parse() else {
                continue;
            };
            if let Some(descriptor) = store.resolve(&spelling)?
                && let Ok(selected) = store.select(&descriptor, platform)
            {
                return found(selected, true);
            }
        }
    }
    if request.debian_base
        && let Some((suite, slim)) = &release
    {
        return debian::image(driver, id, name, None, (suite, *slim));
    }
    if request.pull == Pull::Never {
        return Err(DockerfileError::NotPulled {
            reference: name.to_owned(),
        });
    }
    let pulled = registry::pull(store, &reference, &options, &told);
    let descriptor = pulled.map_err(|source| no_image(name, release, source))?;
    store.tag(&reference, &descriptor)?;
    found(store.select(&descriptor, platform)?, false)
}

fn no_image(
    name: &str,
    debian: Option<(String, bool)>,
    source: registry::RegistryError,
) -> DockerfileError {
    DockerfileError::NoImage {
        reference: name.to_owned(),
        debian: debian.map(|(suite, slim)| suite + if slim { "-slim" } else { "" }),
        source: Box::new(source),
    }
}

/// What `name` stands for in this build.
pub(super) fn base(name: &str, platform: &Platform, pin: Pin) -> lock::Base {
    lock::Base {
        reference: name.to_owned(),
        platform: platform::format(platform),
        pin,
    }
}

fn of_store(driver: &Driver<'_>, descriptor: &Descriptor) -> Result<Image, DockerfileError> {
    let store = driver.bench.store;
    let manifest = store.manifest(descriptor)?;
    let config = store.config(&manifest)?;
    let epoch = epoch::from_environment()
        .or_else(|| created::seconds(config.created.as_deref()?))
        .unwrap_or(0);
    Ok(Image {
        tree: Tree {
            layers: store.layers(&manifest)?,
            epoch,
        },
        config,
    })
}

/// What an image may be called in the store: as it is written, and with more or less of what Docker adds.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned()];
    let bare = ["docker.io/", "index.docker.io/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let bare = bare.strip_prefix("library/").unwrap_or(bare);
    let is_elsewhere = bare
        .split_once('/')
        .is_some_and(|(first, _)| first == "localhost" || first.contains(['.', ':']));
    if !is_elsewhere {
        all.extend([bare.to_owned(), format!("docker.io/{bare}")]);
        if !bare.contains('/') {
            all.extend([
                format!("library/{bare}"),
                format!("docker.io/library/{bare}"),
            ]);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_image_has_many_names() {
        let all = spellings("debian:bookworm");
        for one in &all {
            assert!(spellings(one).contains(&all[0]), "{one}");
        }
        assert!(all.contains(&"docker.io/library/debian:bookworm".to_owned()));
        assert_eq!(spellings("127.0.0.1:5000/a/b"), ["127.0.0.1:5000/a/b"]);
        assert!(!spellings("team/app").contains(&"library/team/app".to_owned()));
    }
}
