//! The context and the Dockerfile: where they come from.
//!
//! ```text
//! DIR                       a folder
//! -                         standard input: a tar, or a Dockerfile without a context
//! https://host/x.git#r:d    a Git repository, at r, its folder d; also git@host:x.git, git://, ssh://
//! ```

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use boatyard_plan::attest::Material;
use boatyard_store::layer::{self, Devices, Owners, Unpack};
use boatyard_store::{Scratch, Store};

use super::error::DockerfileWordsError as Error;
use super::foreign;
use crate::stopped::Stopped;
use crate::verb::commit;

/// A context, and the Dockerfile that is built in it.
pub struct Context {
    /// Its folder, absolute.
    pub folder: PathBuf,
    /// The Dockerfile's text.
    pub text: String,
    /// What people call the Dockerfile.
    pub shown: String,
    /// Where the Dockerfile is, if it is a file.
    pub file: Option<PathBuf>,
    /// The commit that it is, if it was fetched from a repository.
    pub fetched: Option<Material>,
    /// Holds what was fetched or unpacked.
    pub(super) scratch: Option<Scratch>,
}

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// Standard input.
    StandardInput,
    /// A Git repository.
    Git,
}

/// What `word` means as a context; `None` if it does not look like one.
pub fn kind(word: &str) -> Option<Kind> {
    let schemes = ["git://", "ssh://", "git@"];
    let (url, _) = word.split_once('#').unwrap_or((word, ""));
    let is_web = word.starts_with("https://") || word.starts_with("http://");
    let has_suffix = Path::new(url).extension().is_some_and(|end| end == "git");
    if word == "-" {
        Some(Kind::StandardInput)
    } else if schemes.iter().any(|scheme| word.starts_with(scheme)) || (is_web && has_suffix) {
        Some(Kind::Git)
    } else if is_web {
        None
    } else if word.starts_with('.') || word.contains('/') {
        Some(Kind::Folder)
    } else {
        None
    }
}

impl Context {
    /// Its folder, if somebody else made what is in it.
    pub fn foreign(&self) -> Option<&Path> {
        self.scratch.as_ref().map(|_| self.folder.as_path())
    }

    /// Fetches the context `word` and reads the Dockerfile `file`, `-` being standard input. Paths start from `here`.
    pub fn open(
        store: &Store,
        word: &str,
        file: Option<&Path>,
        here: &Path,
    ) -> Result<Self, Stopped> {
        let kind = kind(word).unwrap_or(Kind::Folder);
        let stdin_is_file = file == Some(Path::new("-"));
        if stdin_is_file && kind == Kind::StandardInput {
            return Err(Error::TwiceStandardInput.into());
        }
        match kind {
            Kind::Folder => Self::with(entered(word, here)?, file, here, None),
            Kind::StandardInput => Self::from_standard_input(store, file),
            Kind::Git => {
                let scratch = store.scratch()?;
                let (folder, commit) = fetched(word, &scratch)?;
                let context = Self::with(folder.clone(), file, &folder, Some(scratch))?;
                let (url, _) = word.split_once('#').unwrap_or((word, ""));
                let fetched = commit.map(|commit| Material::commit(url, &commit));
                Ok(Self { fetched, ..context })
            }
        }
    }

    /// Whether its folder stays after the build.
    pub fn is_kept(&self) -> bool {
        self.scratch.is_none()
    }

    /// A folder with its Dockerfile; `file` starts from `start`.
    fn with(
        folder: PathBuf,
        file: Option<&Path>,
        start: &Path,
        scratch: Option<Scratch>,
    ) -> Result<Self, Stopped> {
        if file == Some(Path::new("-")) {
            let text = read_all()?;
            return Ok(Self {
                folder,
                text: String::from_utf8_lossy(&text).into_owned(),
                shown: "Dockerfile".to_owned(),
                file: None,
                fetched: None,
                scratch,
            });
        }
        let path = match file {
            Some(file) => start.join(file),
            None => folder.join("Dockerfile"),
        };
        let root = scratch.is_some().then_some(folder.as_path());
        let bytes = foreign::read(root, &path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        let shown = path.strip_prefix(start).unwrap_or(&path);
        let shown = if scratch.is_some() {
            path.strip_prefix(&folder).unwrap_or(shown)
        } else {
            shown
        };
        Ok(Self {
            shown: shown.display().to_string(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            folder,
            file: Some(path),
            fetched: None,
            scratch,
        })
    }

    /// A tar with everything, or a Dockerfile alone.
    fn from_standard_input(store: &Store, file: Option<&Path>) -> Result<Self, Stopped> {
        let scratch = store.scratch()?;
        let folder = scratch.new_dir("context")?;
        let mut start = [0; 512];
        let mut stdin = io::stdin();
        let length = read_up_to(&mut stdin, &mut start)?;
        let rest = Cursor::new(start[..length].to_vec()).chain(stdin);
        if is_archive(&start[..length]) {
            let how = Unpack {
                owners: Owners::Ours,
                devices: Devices::Refuse,
                ..Unpack::flat()
            };
            layer::unpack(rest, &folder, &how)?;
            return Self::with(folder.clone(), file, &folder, Some(scratch));
        }
        let mut text = Vec::new();
        let mut rest = rest;
        rest.read_to_end(&mut text)
            .map_err(|source| Error::StandardInput { source })?;
        Ok(Self {
            folder,
            text: String::from_utf8_lossy(&text).into_owned(),
            shown: "Dockerfile".to_owned(),
            file: None,
            fetched: None,
            scratch: Some(scratch),
        })
    }
}

/// The folder `word`, absolute.
pub(super) fn entered(word: &str, here: &Path) -> Result<PathBuf, Error> {
    let folder = here.join(word).canonicalize();
    let folder = folder.and_then(|path| {
        // A file cannot be listed.
        std::fs::read_dir(&path).map(|_| path)
    });
    folder.map_err(|source| Error::Context {
        path: PathBuf::from(word),
        source,
    })
}

fn read_all() -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|source| Error::StandardInput { source })?;
    Ok(bytes)
}

/// Fills `buffer` as far as there is something.
fn read_up_to(from: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(Error::StandardInput { source }),
        }
    }
    Ok(length)
}

/// Whether bytes begin a tar, packed or not: the magic numbers of gzip, zstd, xz, bzip2 and of tar's own header.
fn is_archive(start: &[u8]) -> bool {
    let packed: [&[u8]; 4] = [
        &[0x1f, 0x8b],
        &[0x28, 0xb5, 0x2f, 0xfd],
        &[0xfd, b'7', b'z', b'X', b'Z'],
        b"BZh",
    ];
    packed.iter().any(|magic| start.starts_with(magic))
        || start.get(257..262).is_some_and(|magic| magic == b"ustar")
}

/// Clones `URL[#revision[:folder]]` into the scratch folder; the folder that is asked for, and the commit.
pub(super) fn fetched(word: &str, scratch: &Scratch) -> Result<(PathBuf, Option<String>), Error> {
    let (url, fragment) = word.split_once('#').unwrap_or((word, ""));
    let (revision, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
    let into = scratch.path().join("context");
    let git = |words: &[&str]| {
        let output = Command::new("git")
            .args([
                "-c",
                "advice.detachedHead=false",
                "-c",
                "protocol.ext.allow=never",
            ])
            .args(words)
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| Error::NoGit {
                url: url.to_owned(),
                source,
            })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Error::Git {
            url: url.to_owned(),
            said: said.trim().lines().last().unwrap_or_default().to_owned(),
        })
    };
    let place = into.display().to_string();
    git(&["init", "--quiet", "--", &place])?;
    let wanted = if revision.is_empty() {
        "HEAD"
    } else {
        revision
    };
    let shallow = [
        "-C",
        &place,
        "fetch",
        "--quiet",
        "--depth=1",
        "--",
        url,
        wanted,
    ];
    // Servers need not give a commit by its number alone: then everything is fetched.
    if git(&shallow).is_err() {
        git(&[
            "-C",
            &place,
            "fetch",
            "--quiet",
            "--tags",
            "--",
            url,
            "+refs/*:refs/remotes/origin/*",
        ])?;
        git(&["-C", &place, "checkout", "--quiet", wanted])?;
    } else {
        git(&["-C", &place, "checkout", "--quiet", "FETCH_HEAD"])?;
    }
    let _ = git(&[
        "-C",
        &place,
        "submodule",
        "update",
        "--quiet",
        "--init",
        "--recursive",
        "--depth=1",
    ]);
    let missing = || Error::NoFolder {
        folder: folder.to_owned(),
        url: url.to_owned(),
    };
    let found = into.join(folder.trim_start_matches('/'));
    let found = found.canonicalize().map_err(|_| missing())?;
    let top = into.canonicalize().map_err(|_| missing())?;
    if !found.starts_with(&top) || !found.is_dir() {
        return Err(missing());
    }
    let commit = commit::id(&top);
    let _ = std::fs::remove_dir_all(top.join(".git"));
    Ok((found, commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_tells_what_a_context_is() {
        for (word, expected) in [
            (".", Some(Kind::Folder)),
            ("./app", Some(Kind::Folder)),
            ("apps/web", Some(Kind::Folder)),
            ("/srv", Some(Kind::Folder)),
            ("-", Some(Kind::StandardInput)),
            ("https://host.example/a.git", Some(Kind::Git)),
            ("https://host.example/a.git#main:sub", Some(Kind::Git)),
            ("git@host.example:a.git", Some(Kind::Git)),
            ("app", None),
        ] {
            assert_eq!(kind(word), expected, "{word}");
        }
    }

    #[test]
    fn archives_are_known_by_their_beginning() {
        assert!(is_archive(&[0x1f, 0x8b, 8]));
        assert!(!is_archive(b"FROM scratch\n"));
        let mut tar = [0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(is_archive(&tar));
    }
}
