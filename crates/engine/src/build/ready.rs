//! Steps with their inputs read: what they would do, and the key of that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use boatyard_plan::build::Action;
use boatyard_plan::digest::Digest;
use boatyard_plan::project::User;
use boatyard_store::layer::{Entry, Kind};

use super::builder::Builder;
use super::key::{Named, key};
use super::python::{Prepared, Python};
use super::{BuildError, copy, epoch, files, packages};
use crate::debian::Source;
use crate::snapshot::{Above, Tree};
use crate::transfer;

/// What a step would do, with its inputs read.
pub(super) enum Ready<'a> {
    /// A layer of these entries.
    Entries(Box<dyn Fn() -> Result<Vec<Entry>, BuildError> + 'a>),
    /// A copy of files of the project, and the moment that they are dated to.
    Copy(Box<transfer::Prepared>, Box<dyn Fn() -> i64 + 'a>),
    /// Debian packages.
    Packages {
        names: &'a [String],
        /// Where they may come from beside Debian's own archive.
        sources: Vec<Source>,
    },
    /// A Python environment.
    Python(Box<Prepared<'a>>),
}

/// A step's key and what it would do.
type Keyed<'a> = Result<(String, Ready<'a>), BuildError>;

/// Reads the inputs of an action and makes its key.
pub(super) fn prepare<'a>(
    builder: &'a Builder<'_>,
    action: &'a Action,
    parent: &'a Tree,
) -> Keyed<'a> {
    let set = epoch::from_environment();
    let epoch = set.unwrap_or(parent.epoch);
    match action {
        Action::Packages {
            names,
            repositories,
        } => {
            let sources = packages::sources(builder, repositories)?;
            let key = if sources.is_empty() {
                key("packages", &(parent.chain_id(), names, set))
            } else {
                let more = packages::inputs(&sources);
                key("packages", &(parent.chain_id(), names, set, more))
            };
            Ok((key, Ready::Packages { names, sources }))
        }
        Action::Python {
            version,
            requirements,
            installer,
            compiler,
            compile,
        } => {
            let version = version.as_deref();
            let python = Python {
                version,
                requirements,
                installer: *installer,
                compiler,
                compile: *compile,
            };
            environment(builder, parent, python)
        }
        Action::Copy {
            sources,
            dest,
            exclude,
        } => copied(builder, parent, sources, dest, exclude),
        Action::User { user } => account(builder, parent, user, epoch),
        Action::File { path, mode, text } => file(
            builder,
            parent,
            path,
            *mode,
            text.clone().into_bytes(),
            epoch,
        ),
        Action::Init => {
            let bytes = crate::init_binary::BYTES.to_vec();
            file(
                builder,
                parent,
                boatyard_init::contract::BINARY,
                0o755,
                bytes,
                epoch,
            )
        }
        Action::Remove { paths } => removed(builder, parent, paths, epoch),
        Action::Folder {
            path,
            mode,
            uid,
            gid,
        } => {
            let (path, above) = parent.destination(builder.store, Path::new(path))?;
            let key = key(
                "folder",
                &(Named(path.clone()), &above, mode, uid, gid, epoch),
            );
            let make = move || {
                let way = above.iter().filter(|at| at.path != path);
                let mut entries: Vec<Entry> = way.map(|at| copy::way(at, epoch)).collect();
                entries.push(Entry {
                    uid: *uid,
                    gid: *gid,
                    ..copy::folder(&path, *mode, epoch)
                });
                Ok(entries)
            };
            Ok((key, Ready::Entries(Box::new(make))))
        }
    }
}

/// A Python environment.
fn environment<'a>(builder: &Builder<'_>, parent: &Tree, python: Python<'a>) -> Keyed<'a> {
    let prepared = Prepared::read(builder, python, parent)?;
    let compiler = if prepared.compiles() {
        Some(builder.stage(prepared.compiler())?)
    } else {
        None
    };
    let key = key("python", &prepared.inputs(parent, compiler.as_ref()));
    Ok((key, Ready::Python(Box::new(prepared))))
}

/// Files of the project. The parent is not in the key, only how the destination lies in it: the same copy on another
/// base is the same layer.
fn copied<'a>(
    builder: &'a Builder<'_>,
    parent: &Tree,
    sources: &'a [String],
    dest: &str,
    exclude: &'a [String],
) -> Keyed<'a> {
    let (dest, above) = parent.destination(builder.store, Path::new(dest))?;
    let wanted = copy::Wanted {
        context: builder.context,
        sources,
        exclude,
    };
    let prepared = copy::prepare(&wanted, &dest, &above, Some(builder.store))?;
    let newest = prepared.newest().unwrap_or(0);
    let prepared = prepared.undated();
    let key = key("copy", &(prepared.key(), epoch::from_environment()));
    let epoch = move || epoch::of_sources(builder.context, sources, newest);
    Ok((key, Ready::Copy(Box::new(prepared), Box::new(epoch))))
}

/// Paths as keys have them.
fn named(paths: &BTreeSet<PathBuf>) -> Vec<Named> {
    paths.iter().cloned().map(Named).collect()
}

/// Names that are gone.
fn removed<'a>(builder: &Builder<'_>, parent: &Tree, paths: &[String], epoch: i64) -> Keyed<'a> {
    let mut ways = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for path in paths {
        let (path, above) = parent.destination(builder.store, Path::new(path))?;
        let way = above.into_iter().filter(|at| at.path != path);
        ways.extend(way.map(|at| (at.path.clone(), at)));
        gone.insert(path);
    }
    let ways: Vec<Above> = ways.into_values().collect();
    let key = key("remove", &(named(&gone), &ways, epoch));
    let make = move || {
        let mut entries: Vec<Entry> = ways.iter().map(|at| copy::way(at, epoch)).collect();
        entries.extend(gone.iter().map(|path| Entry {
            mtime: epoch,
            ..Entry::new(copy::relative(path), Kind::Whiteout, 0)
        }));
        Ok(entries)
    };
    Ok((key, Ready::Entries(Box::new(make))))
}

/// A user, its group and its home.
fn account<'a>(builder: &Builder<'_>, parent: &Tree, user: &'a User, epoch: i64) -> Keyed<'a> {
    let read = |path| -> Result<String, BuildError> {
        let bytes = parent
            .read(builder.store, Path::new(path))?
            .unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let accounts = files::accounts(&read("/etc/passwd")?, &read("/etc/group")?, user);
    let mut above = parent.destination(builder.store, Path::new("/etc"))?.1;
    let (home, way) = parent.destination(builder.store, Path::new(&files::home(user)))?;
    above.extend(way.into_iter().filter(|at| at.path != home));
    let key = key("user", &(&accounts, user, &above, epoch));
    let make = move || {
        let mut entries: Vec<Entry> = above.iter().map(|at| copy::way(at, epoch)).collect();
        for (path, mode, text) in &accounts {
            entries.extend(files::file(
                Path::new(path),
                *mode,
                text.clone().into_bytes(),
                &[],
                epoch,
            ));
        }
        entries.push(Entry {
            uid: user.uid,
            gid: user.gid,
            ..copy::folder(&home, 0o750, epoch)
        });
        Ok(entries)
    };
    Ok((key, Ready::Entries(Box::new(make))))
}

/// A layer with one file of root's.
fn file<'a>(
    builder: &Builder<'_>,
    parent: &Tree,
    path: &str,
    mode: u32,
    bytes: Vec<u8>,
    epoch: i64,
) -> Keyed<'a> {
    let (path, above) = parent.destination(builder.store, Path::new(path))?;
    let key = key(
        "file",
        &(Named(path.clone()), &above, mode, Digest::of(&bytes), epoch),
    );
    let make = move || Ok(files::file(&path, mode, bytes.clone(), &above, epoch));
    Ok((key, Ready::Entries(Box::new(make))))
}
