//! The part of a package that describes it: `control.tar`.

use std::io;
use std::path::Path;

use super::ar;
use super::control;
use super::relation::{self, Relation};
use super::tar::{self, Kind};

/// A file of the control part, e.g. `postinst`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlFile {
    /// Its name.
    pub name: String,
    /// Permission bits.
    pub mode: u32,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// The control part of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// The paragraph `control`, as it stands.
    pub text: String,
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: String,
    /// Whether it can be installed for several architectures (`Multi-Arch: same`).
    pub same: bool,
    /// Packages whose files it takes over.
    pub replaces: Vec<Relation>,
    /// Packages that have to be configured before it is unpacked.
    pub pre_depends: Vec<Relation>,
    /// All files but `control`.
    pub files: Vec<ControlFile>,
}

impl Control {
    /// Reads the control part of a package.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut archive = tar::Archive::new(ar::open_member(path, "control.tar")?);
        let mut files = Vec::new();
        while let Some(entry) = archive.next_entry()? {
            if !matches!(entry.kind, Kind::File(_)) || entry.path.contains('/') {
                continue;
            }
            let mut bytes = Vec::new();
            let mut buffer = [0; 8192];
            loop {
                match archive.read(&mut buffer)? {
                    0 => break,
                    length => bytes.extend_from_slice(&buffer[..length]),
                }
            }
            files.push(ControlFile {
                name: entry.path,
                mode: entry.mode,
                bytes,
            });
        }
        Self::of(files).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "no control file in the package")
        })
    }

    fn of(mut files: Vec<ControlFile>) -> Option<Self> {
        let at = files.iter().position(|file| file.name == "control")?;
        let text = String::from_utf8_lossy(&files.remove(at).bytes).into_owned();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let paragraph = control::paragraphs(&text).next()?;
        let relations = |field| {
            let groups = paragraph
                .get(field)
                .map(relation::parse_field)
                .unwrap_or_default();
            groups.into_iter().flatten().collect()
        };
        Some(Self {
            name: paragraph.get("Package")?.to_owned(),
            version: paragraph.get("Version")?.to_owned(),
            architecture: paragraph.get("Architecture")?.to_owned(),
            same: paragraph.get("Multi-Arch") == Some("same"),
            replaces: relations("Replaces"),
            pre_depends: relations("Pre-Depends"),
            text: text.clone(),
            files,
        })
    }

    /// A file by its name.
    pub fn file(&self, name: &str) -> Option<&ControlFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Lines of a text file, without blanks; none if there is no such file.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.file(name)
            .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
            .unwrap_or_default()
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// The files that belong to the user once they are installed, with a slash in front.
    pub fn conffiles(&self) -> Vec<String> {
        // `remove-on-upgrade /path` names a file that is not in the package (deb-conffiles(5)).
        self.lines("conffiles")
            .into_iter()
            .filter(|line| line.starts_with('/'))
            .collect()
    }

    /// What the names of its files in `info/` begin with.
    pub fn info_name(&self) -> String {
        if self.same {
            format!("{}:{}", self.name, self.architecture)
        } else {
            self.name.clone()
        }
    }

    /// Whether its `preinst` moves files of other packages out of the way, and so must run before its files are there.
    pub fn diverts(&self) -> bool {
        self.file("preinst").is_some_and(|file| {
            let text = String::from_utf8_lossy(&file.bytes);
            text.contains("dpkg-divert")
        })
    }
}
