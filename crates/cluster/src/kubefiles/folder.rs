//! The folder that kubefiles are in.

use std::path::{Path, PathBuf};
use std::{fs, io};

use boatyard_plan::failure::{Failure, Fault};

use super::made::Files;

/// How many files it may have.
const FILES: usize = 1_000;
/// How many bytes they may have together.
const BYTES: u64 = 8 << 20;

/// Why the texts of a folder are not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// Something in it, or the folder itself.
    #[error("cannot read {}", path.display())]
    Path {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There are too many.
    #[error("there are {found} files, and at most {FILES} are read")]
    Many {
        /// How many.
        found: usize,
    },
    /// They are too long.
    #[error("they have {size_bytes} bytes, {largest} most of them, and at most {BYTES} are read")]
    Long {
        /// How long, all together.
        size_bytes: u64,
        /// Which is the longest.
        largest: String,
    },
}

impl Failure for Unread {
    fn fault(&self) -> Fault {
        match self {
            Self::Path { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Fault::Refused
            }
            _ => Fault::User,
        }
    }

    fn help(&self) -> Option<String> {
        let is_limit = !matches!(self, Self::Path { .. });
        is_limit.then(|| {
            "all that is in the folder and below it is read: have the kubefiles in one that has nothing else".to_owned()
        })
    }
}

fn unread(path: &Path) -> impl FnOnce(io::Error) -> Unread {
    move |source| Unread::Path {
        path: path.to_owned(),
        source,
    }
}

/// All texts below `folder`, by their paths in it, with `/` between parts. Links to files are followed, links to folders are not.
///
/// # Errors
/// If something cannot be read, or there is more of it than kubefiles are.
pub fn read(folder: &Path) -> Result<Files, Unread> {
    let listed = listed(folder)?;
    if listed.len() > FILES {
        let found = listed.len();
        return Err(Unread::Many { found });
    }
    let size_bytes: u64 = listed.iter().map(|one| one.size_bytes).sum();
    let largest = listed.iter().max_by_key(|one| one.size_bytes);
    if let Some(largest) = largest.filter(|_| size_bytes > BYTES) {
        let largest = largest.name.clone();
        return Err(Unread::Long {
            size_bytes,
            largest,
        });
    }
    let text = |one: Listed| {
        let text = fs::read_to_string(&one.path).map_err(unread(&one.path));
        text.map(|text| (one.name, text))
    };
    listed.into_iter().map(text).collect()
}

/// A file of a folder.
struct Listed {
    /// Its path in the folder, with `/` between parts.
    name: String,
    path: PathBuf,
    size_bytes: u64,
}

/// The files below `folder`, links to files included. Links to folders are left out: they may lead round in circles.
fn listed(folder: &Path) -> Result<Vec<Listed>, Unread> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, before)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unread(&folder))? {
            let entry = entry.map_err(unread(&folder))?;
            let path = entry.path();
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(unread(&path))?.is_dir() {
                folders.push((path, format!("{name}/")));
                continue;
            }
            let there = fs::metadata(&path).map_err(unread(&path))?;
            if !there.is_dir() {
                files.push(Listed {
                    name,
                    path,
                    size_bytes: there.len(),
                });
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_to_files_are_read_and_links_to_folders_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("base/deep")).unwrap();
        fs::write(at("web.yaml"), "web").unwrap();
        fs::write(at("base/deep/all.yaml"), "all").unwrap();
        symlink("../web.yaml", at("base/same.yaml")).unwrap();
        symlink("base", at("other")).unwrap();
        // Each of two has both again below it, and so on.
        for name in ["a", "b"] {
            symlink(".", at(name)).unwrap();
        }
        let text = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let expected = [
            ("base/deep/all.yaml", "all"),
            ("base/same.yaml", "web"),
            ("web.yaml", "web"),
        ];
        let expected: Files = expected.map(text).into();
        assert_eq!(read(folder.path()).unwrap(), expected);
        symlink("nowhere", at("lost.yaml")).unwrap();
        let error = read(folder.path()).unwrap_err();
        let said = format!("cannot read {}", at("lost.yaml").display());
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn more_than_kubefiles_are_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let sized = |name: &str, size_bytes: u64| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_len(size_bytes).unwrap();
        };
        sized("dump.sql", BYTES);
        assert_eq!(read(folder.path()).unwrap().len(), 1);
        sized("web.yaml", 1);
        let error = read(folder.path()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "they have 8388609 bytes, dump.sql most of them, and at most 8388608 are read"
        );
        assert!(error.help().is_some());
        sized("dump.sql", 0);
        for number in 2..FILES {
            sized(&number.to_string(), 0);
        }
        assert_eq!(read(folder.path()).unwrap().len(), FILES);
        sized("one-more", 0);
        let error = read(folder.path()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are 1001 files, and at most 1000 are read"
        );
        assert!(error.help().is_some());
    }
}
