//! Files from contexts, stages and images: into layers (`COPY`, `ADD`), and as file systems of their own (mounts).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use boatyard_plan::dockerfile::ignore::Ignore;
use boatyard_plan::dockerfile::{CopyOp, CopySource, Source, Unpack};
use boatyard_plan::event::Level;
use boatyard_store::layer;

use super::driver::Driver;
use super::mounts::Part;
use super::record::Record;
use super::request::Named;
use super::{DockerfileError, images, inside};
use crate::build::ForeignError;
use crate::build::epoch;
use crate::build::key::key;
use crate::build::once::once;
use crate::sink::notice;
use crate::snapshot::Tree;
use crate::transfer::{self, Downloads, Place, Prepared};

/// Reads the sources of a copy onto `parent`; downloads are told as progress of the work `id`.
pub(super) fn prepare(
    driver: &Driver<'_>,
    op: &CopyOp,
    parent: &Tree,
    id: &str,
) -> Result<Prepared, DockerfileError> {
    let prepared = if let Some((path, ignore)) = folder(driver, &op.from) {
        read(driver, op, &Place::folder(path, ignore), parent, id)?
    } else {
        let tree = tree(driver, &op.from)?.0;
        let place = Place::tree(driver.bench.store, &tree)?;
        read(driver, op, &place, parent, id)?
    };
    driver.note(|taken| {
        if matches!(op.from, Source::Context) {
            taken.copies.insert(prepared.key().to_string());
        }
        taken.materials.extend(prepared.fetched().iter().cloned());
    });
    for note in prepared.notes() {
        notice(driver.bench.sink, Level::Warning, note.to_string(), None);
    }
    Ok(prepared)
}

fn read(
    driver: &Driver<'_>,
    op: &CopyOp,
    place: &Place<'_>,
    parent: &Tree,
    id: &str,
) -> Result<Prepared, DockerfileError> {
    let store = driver.bench.store;
    let mut downloads = Downloads::new(&store.root().join("cache/add"));
    if let Some(confinement) = driver.bench.confined {
        for source in &op.sources {
            match source {
                CopySource::Url(url) => confinement.address(url)?,
                CopySource::Git(_) => return Err(ForeignError::Git.into()),
                _ => {}
            }
        }
        downloads = downloads.with_client(driver.bench.http());
    }
    let downloads = downloads.reporting(Arc::clone(driver.bench.sink), id);
    Ok(transfer::prepare(op, place, parent, store, &downloads)?)
}

/// Writes the layer of a copy.
pub(super) fn perform(
    driver: &Driver<'_>,
    prepared: &Prepared,
    parent: &Tree,
) -> Result<Record, DockerfileError> {
    let set = epoch::from_environment();
    let options = layer::Options {
        epoch: set,
        compression: driver.request.compression,
    };
    Ok(Record {
        layer: Some(prepared.layer(driver.bench.store, &options)?),
        epoch: set.or(prepared.newest()).unwrap_or(parent.epoch),
    })
}

/// The key of the layer of a copy.
pub(super) fn key_of(driver: &Driver<'_>, prepared: &Prepared) -> String {
    let media_type = driver.request.compression.media_type();
    key(
        "transfer",
        &(prepared.key(), media_type, epoch::from_environment()),
    )
}

/// A part of a context, a stage or an image as a part of a file system.
pub(super) fn part(
    driver: &Driver<'_>,
    from: &Source,
    path: &str,
) -> Result<Part, DockerfileError> {
    let absolute = Path::new("/").join(path.trim_start_matches('/'));
    let Some((folder, _)) = folder(driver, from) else {
        let (tree, place) = tree(driver, from)?;
        return Ok(Part {
            tree,
            path: absolute,
            place,
        });
    };
    let found = inside::find(folder, &absolute).map_err(|_| DockerfileError::NoPath {
        path: path.to_owned(),
        place: "the context".to_owned(),
    })?;
    let tree = copied(driver, from, path)?;
    // The content of a folder is copied, but a file keeps its name.
    let name = absolute.file_name().map(PathBuf::from);
    let path = match name.filter(|_| !found.is_dir()) {
        Some(name) => Path::new("/").join(name),
        None => PathBuf::from("/"),
    };
    Ok(Part {
        tree,
        path,
        place: "the context".to_owned(),
    })
}

/// A whole named folder as a file system.
pub(super) fn whole(driver: &Driver<'_>, name: &str) -> Result<Tree, DockerfileError> {
    copied(driver, &Source::Named(name.to_owned()), ".")
}

/// A file system with a copy of a part of a folder, and nothing else.
fn copied(driver: &Driver<'_>, from: &Source, path: &str) -> Result<Tree, DockerfileError> {
    let path = path.trim_start_matches('/');
    let op = CopyOp {
        from: from.clone(),
        sources: vec![CopySource::Path(
            if path.is_empty() { "." } else { path }.to_owned(),
        )],
        dest: "/".to_owned(),
        chown: None,
        chmod: None,
        link: true,
        parents: false,
        exclude: Vec::new(),
        unpack: Unpack::Never,
        checksum: None,
        keep_git_dir: false,
    };
    let nothing = Tree::default();
    let prepared = prepare(driver, &op, &nothing, "context")?;
    let key = key_of(driver, &prepared);
    let bench = &driver.bench;
    let find = || {
        let record: Option<Record> = bench.store.action(&key);
        record.filter(|record| record.is_whole(bench))
    };
    let make = || perform(driver, &prepared, &nothing);
    let (record, _) = once(bench, &key, "copy of the context", find, make)?;
    Ok(record.on(&nothing))
}

/// The folder that a source is, and what is left out of it; none if it is something else.
fn folder<'a>(driver: &'a Driver<'_>, from: &Source) -> Option<(&'a Path, Option<&'a Ignore>)> {
    match from {
        Source::Context => Some((&driver.request.context, driver.request.ignore.as_ref())),
        Source::Named(name) => match driver.request.named.get(name) {
            Some(Named::Folder { path, ignore }) => Some((path, ignore.as_ref())),
            _ => None,
        },
        Source::Stage(_) | Source::Image(_) => None,
    }
}

/// The file system of a stage or an image, and what it is called in messages.
fn tree(driver: &Driver<'_>, from: &Source) -> Result<(Tree, String), DockerfileError> {
    match from {
        Source::Stage(stage) => Ok((
            driver.end_of(*stage)?.image.tree,
            format!("stage {}", driver.name(*stage)),
        )),
        Source::Image(name) | Source::Named(name) => {
            let image = images::find(driver, None, name, &driver.request.platform)?;
            Ok((image.tree, format!("image {name}")))
        }
        Source::Context => Ok((Tree::default(), "the context".to_owned())),
    }
}
