//! `--output`: what was built, as files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use boatyard_engine::dockerfile::Built;
use boatyard_plan::reference::Reference;
use boatyard_store::export::{self, Format};
use boatyard_store::layer::{self, Compression};
use boatyard_store::{Store, remove_tree};

use super::error::DockerfileWordsError as Error;
use crate::stopped::Stopped;

/// One `--output`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    kind: Kind,
    /// Where to; `-` is standard output.
    dest: PathBuf,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An OCI layout in a tar.
    OciArchive,
    /// An OCI layout as a folder.
    OciFolder,
    /// What `docker load` reads.
    Docker,
    /// The file system in a tar.
    Tar,
    /// The file system as a folder.
    Local,
}

/// Reads `type=TYPE,dest=PATH[,tar=false]`, a folder, or `-` for a tar of the file system on standard output. `None`:
/// the image in the store, which is there anyway. Paths start from `here`.
pub fn parse(word: &str, here: &Path) -> Result<Option<Output>, Error> {
    let wrong = |problem| Error::Flag {
        flag: "output",
        value: word.to_owned(),
        problem,
        form: "type=oci, docker, tar or local with dest=PATH, or a folder",
    };
    let place = |text: &str| {
        if text == "-" {
            PathBuf::from("-")
        } else {
            here.join(text)
        }
    };
    if !word.contains('=') {
        let kind = if word == "-" { Kind::Tar } else { Kind::Local };
        return Ok(Some(Output {
            kind,
            dest: place(word),
        }));
    }
    let (mut kind, mut dest, mut tar) = (None, None, true);
    for field in word.split(',') {
        let (key, value) = field
            .split_once('=')
            .ok_or_else(|| wrong("a part has no \"=\""))?;
        match key.trim() {
            "type" => kind = Some(value),
            "dest" | "destination" => dest = Some(place(value)),
            "tar" => tar = value != "false" && value != "0",
            _ => return Err(wrong("unknown key")),
        }
    }
    let kind = match kind {
        Some("oci") if tar => Kind::OciArchive,
        Some("oci") => Kind::OciFolder,
        Some("docker") => Kind::Docker,
        Some("tar") => Kind::Tar,
        Some("local") => Kind::Local,
        Some("image") => return Ok(None),
        Some(_) => return Err(wrong("unknown type")),
        None => return Err(wrong("no type")),
    };
    let dest = match (dest, kind) {
        (Some(dest), Kind::OciFolder | Kind::Local) if dest == Path::new("-") => {
            return Err(wrong("a folder cannot be standard output"));
        }
        (Some(dest), _) => dest,
        (None, Kind::OciFolder | Kind::Local) => return Err(wrong("no dest")),
        (None, _) => PathBuf::from("-"),
    };
    Ok(Some(Output { kind, dest }))
}

impl Output {
    /// Whether it goes to standard output, which then has nothing else.
    pub fn is_standard(&self) -> bool {
        self.dest == Path::new("-")
    }

    /// Writes it. `name` is what the image is called in there.
    pub fn write(&self, store: &Store, built: &Built, name: &Reference) -> Result<(), Stopped> {
        if self.kind == Kind::Local {
            return self.local(store, built);
        }
        let scratch = store.scratch()?;
        let is_standard = self.is_standard();
        let path = if is_standard {
            scratch.new_path()
        } else {
            self.dest.clone()
        };
        let save = |format| export::save(store, &built.manifest, name, &path, format);
        match self.kind {
            Kind::OciArchive => save(Format::OciArchive)?,
            Kind::OciFolder => save(Format::OciFolder)?,
            Kind::Docker => save(Format::DockerArchive)?,
            Kind::Tar | Kind::Local => files(store, built, &path)?,
        }
        if is_standard {
            let mut file = File::open(&path).map_err(|source| self.failed(source))?;
            io::copy(&mut file, &mut io::stdout().lock()).map_err(Stopped::from_writing)?;
        }
        Ok(())
    }

    /// The file system in a folder: what is there already and has another name stays.
    fn local(&self, store: &Store, built: &Built) -> Result<(), Stopped> {
        std::fs::create_dir_all(&self.dest).map_err(|source| self.failed(source))?;
        Ok(layer::flatten(&built.tree.snapshots(store)?, &self.dest)?)
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write {
            path: self.dest.clone(),
            source,
        }
    }
}

/// The file system in a tar.
fn files(store: &Store, built: &Built, path: &Path) -> Result<(), Stopped> {
    let scratch = store.scratch()?;
    let tree = scratch.new_dir("tree")?;
    layer::flatten(&built.tree.snapshots(store)?, &tree)?;
    let options = layer::Options {
        epoch: None,
        compression: Compression::None,
    };
    let archive = layer::write(store, layer::walk_tree(&tree)?, &options)?;
    let blob = store.open_blob(&archive.blob.digest)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let failed = |source| Error::Write {
        path: path.to_path_buf(),
        source,
    };
    let copied = File::create(&draft)
        .and_then(|mut file| io::copy(&mut &blob, &mut file))
        .and_then(|_| std::fs::rename(&draft, path));
    if copied.is_err() {
        // The first cause is what counts.
        let _ = remove_tree(&draft);
    }
    Ok(copied.map_err(failed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_an_output() {
        let here = Path::new("/here");
        for (word, expected) in [
            ("out", Some((Kind::Local, "/here/out"))),
            ("-", Some((Kind::Tar, "-"))),
            ("type=tar", Some((Kind::Tar, "-"))),
            (
                "type=oci,dest=a.tar",
                Some((Kind::OciArchive, "/here/a.tar")),
            ),
            (
                "type=oci,dest=a,tar=false",
                Some((Kind::OciFolder, "/here/a")),
            ),
            ("type=docker,dest=/a", Some((Kind::Docker, "/a"))),
            ("type=local,dest=a", Some((Kind::Local, "/here/a"))),
            ("type=image", None),
        ] {
            let expected = expected.map(|(kind, dest)| Output {
                kind,
                dest: PathBuf::from(dest),
            });
            assert_eq!(parse(word, here).expect("fits"), expected, "{word}");
        }
        for word in [
            "type=local",
            "type=other,dest=a",
            "dest=a",
            "type=local,dest=-",
            "type=tar,x=y",
        ] {
            assert!(parse(word, here).is_err(), "{word}");
        }
    }
}
