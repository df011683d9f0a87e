//! The text files of a checkout.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Text files by path relative to the workspace, with `/`. Leaves out what is built (`target`), what git keeps, and
/// what is not text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Content by path.
    pub files: BTreeMap<String, String>,
    /// Every path, folders and files that are not text included.
    pub paths: Vec<String>,
}

/// Folders that are not part of the sources.
const LEFT_OUT: [&str; 5] = ["target", ".git", "__pycache__", ".venv", "dist"];

impl Tree {
    /// Reads a checkout. Fails if a file of it cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.add(root, "")?;
        tree.paths.sort();
        Ok(tree)
    }

    /// A tree of these files, for cases.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|&(path, text)| (path.to_owned(), text.to_owned()))
                .collect(),
            paths: files.iter().map(|&(path, _)| path.to_owned()).collect(),
        }
    }

    /// Files whose names end in `.extension`.
    pub fn with_extension<'a>(
        &'a self,
        extension: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let suffix = format!(".{extension}");
        self.files
            .iter()
            .filter(move |(path, _)| path.ends_with(&suffix))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn add(&mut self, root: &Path, folder: &str) -> io::Result<()> {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !LEFT_OUT.contains(&name.as_str()) {
                    self.add(root, &path)?;
                }
            } else if kind.is_file() && name != ".git" {
                if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
                    self.files.insert(path.clone(), text);
                }
            } else {
                continue;
            }
            self.paths.push(path);
        }
        Ok(())
    }
}
