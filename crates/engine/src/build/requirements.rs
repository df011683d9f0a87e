//! The files that Python dependencies come from, and what they draw in.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Component, Path, PathBuf};

use boatyard_plan::digest::Digest;
use boatyard_plan::project::Requirements;

use super::{BuildError, Confinement};

/// Files by their path relative to the project, with their bytes.
pub(super) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Reads the files that `requirements` names, and those that requirements files name themselves (`-r`, `-c`, local
/// wheels and archives), all of which must lie inside `context`, unless a
/// release asks for them. If the build is confined, no link may lead out of it either.
pub(super) fn read(
    context: &Path,
    requirements: &Requirements,
    is_confined: bool,
) -> Result<Files, BuildError> {
    let mut files = Files::new();
    let mut pending: VecDeque<PathBuf> = requirements
        .files()
        .into_iter()
        .map(PathBuf::from)
        .collect();
    // What somebody names on the command line may be anywhere; what a project file names is inside the project.
    let anywhere = matches!(requirements, Requirements::Release { .. });
    while let Some(from) = pending.pop_front() {
        let path = match normal(&from) {
            Some(path) => path,
            None if anywhere => outside(&from),
            None => {
                return Err(BuildError::OutsideSource {
                    path: from.to_string_lossy().into_owned(),
                });
            }
        };
        if files.contains_key(&path) {
            continue;
        }
        if is_confined && !anywhere {
            Confinement::path(context, &from)?;
        }
        let bytes = std::fs::read(context.join(&from)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => BuildError::MissingSource {
                path: from.to_string_lossy().into_owned(),
                similar: None,
            },
            _ => BuildError::Io {
                doing: "read",
                path: context.join(&from),
                source: error,
            },
        })?;
        if path
            .extension()
            .is_some_and(|extension| extension == "txt" || extension == "in")
        {
            let folder = from.parent().unwrap_or(Path::new("")).to_path_buf();
            pending
                .extend(drawn_in(&String::from_utf8_lossy(&bytes)).map(|name| folder.join(name)));
        }
        files.insert(path, bytes);
    }
    Ok(files)
}

/// The digest of each file, for the step's key.
pub(super) fn digests(files: &Files) -> BTreeMap<PathBuf, Digest> {
    files
        .iter()
        .map(|(path, bytes)| (path.clone(), Digest::of(bytes)))
        .collect()
}

/// Whether any requirements file pins by hash, in which case everything must be.
pub(super) fn has_hashes(files: &Files) -> bool {
    files.iter().any(|(path, bytes)| {
        path.extension().is_some_and(|extension| extension == "txt")
            && bytes.windows(7).any(|window| window == b"--hash=")
    })
}

/// Where a file lies among the files that are shown to an installer.
pub(super) fn place(file: &str) -> PathBuf {
    let path = Path::new(file);
    normal(path).unwrap_or_else(|| outside(path))
}

/// A place for a file that is not inside the project. Its own name is kept: a wheel's tells what it is.
fn outside(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = Digest::of(folder.as_os_str().as_encoded_bytes());
    let name = path.file_name().unwrap_or(path.as_os_str());
    Path::new("outside").join(folder.hex()).join(name)
}

/// Names of local files in a requirements file (format: pip's reference, "Requirements File Format").
fn drawn_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().filter_map(|line| {
        let line = line.split(" #").next().unwrap_or_default().trim();
        for option in ["-r", "-c", "--requirement", "--constraint"] {
            if let Some(rest) = line.strip_prefix(option)
                && rest.starts_with([' ', '=', '\t'])
            {
                return Some(rest.trim_start_matches([' ', '=', '\t']).trim().to_owned());
            }
        }
        let word = line.split([' ', ';']).next()?;
        let local = (word.starts_with("./") || word.starts_with("../"))
            && [".whl", ".tar.gz", ".zip"]
                .iter()
                .any(|ending| word.ends_with(ending));
        local.then(|| word.to_owned())
    })
}

/// `path` without `.` and `..`; `None` if it leads out.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_a_requirements_file_draws_in() {
        let text = "-r base.txt\n--constraint=c.txt\nflask==3 # -r no.txt\n./dist/x.whl ; python_version > '3'\n-rx\n";
        assert_eq!(
            drawn_in(text).collect::<Vec<_>>(),
            ["base.txt", "c.txt", "./dist/x.whl"]
        );
    }

    #[test]
    fn links_that_lead_out_of_a_confined_build() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        std::fs::create_dir(&project).unwrap();
        std::fs::write(folder.path().join("secret"), "flask\n").unwrap();
        std::fs::write(project.join("requirements.txt"), "-r more.txt\n").unwrap();
        let wanted = Requirements::Files {
            files: vec!["requirements.txt".to_owned()],
            constraints: Vec::new(),
        };
        for (link, is_fine) in [("../secret", false), ("requirements.txt", true)] {
            let at = project.join("more.txt");
            let _ = std::fs::remove_file(&at);
            std::os::unix::fs::symlink(link, at).unwrap();
            assert!(read(&project, &wanted, false).is_ok(), "{link}");
            assert_eq!(read(&project, &wanted, true).is_ok(), is_fine, "{link}");
        }
    }

    #[test]
    fn paths_that_lead_out() {
        assert_eq!(normal(Path::new("a/../b/./c")), Some(PathBuf::from("b/c")));
        assert_eq!(normal(Path::new("../b")), None);
        assert_eq!(normal(Path::new("/b")), None);
    }
}
