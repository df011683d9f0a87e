//! dpkg's records of a root.
//!
//! ```text
//! var/lib/dpkg/status                a paragraph for each package, with what state it is in
//! var/lib/dpkg/info/NAME.list        its paths; beside it its scripts, md5sums, conffiles, triggers...
//! var/lib/dpkg/diversions            three lines each: path, where it goes instead, for which package's sake
//! var/lib/dpkg/triggers/File         which package wants to know of changes below which path
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::control::{self, Paragraph};
use super::deb::Control;
use super::resolve::Installed;
use super::unpack::Unpacked;
use super::unpack_error::UnpackError;

const FOLDER: &str = "var/lib/dpkg";

/// What dpkg knows of a root.
#[derive(Clone, Debug, Default)]
pub struct Status {
    text: String,
    versions: HashMap<String, String>,
    /// Path, where it goes instead, and the package that it does not apply to.
    diversions: Vec<[String; 3]>,
}

impl Status {
    /// Reads the records. A root without any has no packages.
    pub fn read(root: &Path) -> Result<Self, UnpackError> {
        let text = read_if_there(&root.join(FOLDER).join("status"))?;
        let versions = control::paragraphs(&text)
            .filter(is_installed)
            .filter_map(|paragraph| {
                Some((
                    paragraph.get("Package")?.to_owned(),
                    paragraph.get("Version")?.to_owned(),
                ))
            })
            .collect();
        let diversions = read_if_there(&root.join(FOLDER).join("diversions"))?;
        let lines: Vec<&str> = diversions.lines().collect();
        let diversions = lines
            .chunks_exact(3)
            .map(|three| {
                [
                    three[0].to_owned(),
                    three[1].to_owned(),
                    three[2].to_owned(),
                ]
            })
            .collect();
        Ok(Self {
            text,
            versions,
            diversions,
        })
    }

    /// The packages of the root.
    pub fn installed(&self) -> Vec<Installed> {
        control::paragraphs(&self.text)
            .filter(is_installed)
            .filter_map(|paragraph| Installed::read(&paragraph))
            .collect()
    }

    /// The version of a package of the root.
    pub(super) fn version(&self, name: &str) -> Option<&str> {
        self.versions.get(name).map(String::as_str)
    }

    /// Where a path of a package goes instead, if it is diverted.
    pub(super) fn diverted(&self, package: &str, path: &str) -> Option<&String> {
        self.diversions
            .iter()
            .find(|[from, _, by]| from == path && by != package)
            .map(|[_, to, _]| to)
    }

    /// Which package (the name of its files in `info/`) owns which path (without a slash in front, below `usr/` where
    /// the root is merged).
    pub(super) fn owners(&self, root: &Path) -> Result<HashMap<String, String>, UnpackError> {
        let mut owners = HashMap::new();
        if self.versions.is_empty() {
            return Ok(owners);
        }
        let info = root.join(FOLDER).join("info");
        let entries = fs::read_dir(&info).map_err(|source| UnpackError::State {
            path: info.clone(),
            source,
        })?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.extension().is_none_or(|extension| extension != "list") {
                continue;
            }
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            for line in read_if_there(&path)?.lines() {
                let line = &line[1.min(line.len())..];
                let first = line.split('/').next().unwrap_or_default();
                let merged = first.len() < line.len() && root.join(first).is_symlink();
                let key = if merged {
                    format!("usr/{line}")
                } else {
                    line.to_owned()
                };
                // Folders belong to many; only a file's owner matters.
                if !root.join(&key).is_dir() {
                    owners.insert(key, name.clone());
                }
            }
        }
        Ok(owners)
    }

    /// Records packages that were unpacked, and that some lost paths to others.
    pub(super) fn add(
        &self,
        root: &Path,
        unpacked: &[Unpacked],
        lost: &HashSet<(String, String)>,
    ) -> Result<(), UnpackError> {
        let folder = root.join(FOLDER);
        for name in ["info", "triggers", "updates", "alternatives", "parts"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).map_err(|source| UnpackError::State { path, source })?;
        }
        write(&folder.join("info/format"), b"1\n", 0o644)?;
        for package in unpacked {
            write_info(&folder.join("info"), package)?;
        }
        Self::take_away(&folder.join("info"), unpacked, lost)?;
        Self::write_triggers(&folder.join("triggers"), unpacked)?;
        let new: HashSet<&str> = unpacked
            .iter()
            .map(|package| package.control.name.as_str())
            .collect();
        let mut paragraphs: Vec<String> = control::paragraphs(&self.text)
            .filter(|paragraph| {
                !paragraph
                    .get("Package")
                    .is_some_and(|name| new.contains(name))
            })
            .map(|paragraph| written(&paragraph))
            .collect();
        paragraphs.extend(
            unpacked
                .iter()
                .map(|package| status_paragraph(&package.control)),
        );
        paragraphs.sort();
        write(
            &folder.join("status"),
            paragraphs.join("\n").as_bytes(),
            0o644,
        )?;
        for name in ["available", "diversions", "statoverride"] {
            let path = folder.join(name);
            if !path.exists() {
                write(&path, b"", 0o644)?;
            }
        }
        Ok(())
    }

    /// Removes paths from the lists of packages that were there before.
    fn take_away(
        info: &Path,
        unpacked: &[Unpacked],
        lost: &HashSet<(String, String)>,
    ) -> Result<(), UnpackError> {
        let names: BTreeSet<&String> = lost.iter().map(|(name, _)| name).collect();
        for name in names {
            if unpacked
                .iter()
                .any(|package| package.control.info_name() == *name)
            {
                continue;
            }
            let path = info.join(format!("{name}.list"));
            let text = read_if_there(&path)?;
            let kept: String = text
                .split_inclusive('\n')
                .filter(|line| !lost.contains(&(name.clone(), line.trim_end().to_owned())))
                .collect();
            write(&path, kept.as_bytes(), 0o644)?;
        }
        Ok(())
    }

    /// Records which of the new packages wants to know of what, and tells those that were there before and are concerned.
    fn write_triggers(folder: &Path, unpacked: &[Unpacked]) -> Result<(), UnpackError> {
        let file = folder.join("File");
        let old = read_if_there(&file)?;
        let mut pending = BTreeSet::new();
        for (path, _) in old.lines().filter_map(|line| line.split_once(' ')) {
            let below = format!("{path}/");
            if unpacked
                .iter()
                .flat_map(|package| &package.paths)
                .any(|new| new == path || new.starts_with(&below))
            {
                pending.insert(format!("{path} -\n"));
            }
        }
        let mut files = old;
        let mut named: BTreeMap<String, String> = BTreeMap::new();
        for package in unpacked {
            for line in package.control.lines("triggers") {
                let mut words = line.split_whitespace();
                let (Some(directive), Some(trigger)) = (words.next(), words.next()) else {
                    continue;
                };
                let tail = match directive {
                    "interest" | "interest-await" => "",
                    "interest-noawait" => "/noawait",
                    _ => continue,
                };
                let name = package.control.info_name();
                if trigger.starts_with('/') {
                    let _ = writeln!(files, "{trigger} {name}{tail}");
                } else {
                    let _ = writeln!(named.entry(trigger.to_owned()).or_default(), "{name}{tail}");
                }
            }
        }
        write(&file, files.as_bytes(), 0o644)?;
        for (trigger, interested) in named {
            let path = folder.join(trigger);
            let text = read_if_there(&path)? + &interested;
            write(&path, text.as_bytes(), 0o644)?;
        }
        if pending.is_empty() {
            return Ok(());
        }
        let unincorporated = folder.join("Unincorp");
        let text = read_if_there(&unincorporated)? + &pending.into_iter().collect::<String>();
        write(&unincorporated, text.as_bytes(), 0o644)
    }
}

fn is_installed(paragraph: &Paragraph<'_>) -> bool {
    paragraph.get("Status").is_some_and(|status| {
        !status.ends_with(" not-installed") && !status.ends_with(" config-files")
    })
}

fn written(paragraph: &Paragraph<'_>) -> String {
    paragraph
        .fields()
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            let blank = if value.starts_with('\n') || value.is_empty() {
                ""
            } else {
                " "
            };
            // A value that begins on the next line lost its line break and the blank before it when it was read.
            let value = match *name {
                "Conffiles" => format!("\n {value}"),
                _ => format!("{blank}{value}"),
            };
            let _ = writeln!(text, "{name}:{value}");
            text
        })
}

/// The paragraph of a package that is unpacked and not configured. dpkg writes it anew when it configures.
fn status_paragraph(control: &Control) -> String {
    let mut text = String::new();
    for line in control.text.trim_end().lines() {
        let _ = writeln!(text, "{line}");
        if line.starts_with("Package:") {
            text.push_str("Status: install ok unpacked\n");
        }
    }
    let conffiles = control.conffiles();
    if !conffiles.is_empty() {
        text.push_str("Conffiles:\n");
        for path in conffiles {
            let _ = writeln!(text, " {path} newconffile");
        }
    }
    text
}

fn write_info(info: &Path, package: &Unpacked) -> Result<(), UnpackError> {
    let name = package.control.info_name();
    let mut list = package.paths.join("\n");
    list.push('\n');
    write(&info.join(format!("{name}.list")), list.as_bytes(), 0o644)?;
    for file in &package.control.files {
        write(
            &info.join(format!("{name}.{}", file.name)),
            &file.bytes,
            file.mode,
        )?;
    }
    Ok(())
}

pub(super) fn read_if_there(path: &Path) -> Result<String, UnpackError> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(UnpackError::State {
            path: path.to_owned(),
            source,
        }),
    }
}

pub(super) fn write(path: &PathBuf, bytes: &[u8], mode: u32) -> Result<(), UnpackError> {
    // In the place of whatever is there: a link, in the base of somebody else, would be followed.
    let removed = match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    removed
        .and_then(|()| fs::write(path, bytes))
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .map_err(|source| UnpackError::State {
            path: path.clone(),
            source,
        })
}
