//! What update-alternatives(1) would do for packages whose scripts are not run: one name for one of several files.
//!
//! ```text
//! /usr/lib/x86_64-linux-gnu/libblas.so.3 -> /etc/alternatives/libblas.so.3-x86_64-linux-gnu
//!                                        -> /usr/lib/x86_64-linux-gnu/blas/libblas.so.3     the one with the highest priority
//! ```
//! The calls are read from the text of the scripts, as Debian's helper writes them; one in which a variable stands is left
//! alone. What is known is kept in `/var/lib/dpkg/alternatives`, in that program's own form, for packages on top.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::configure::{ConfigureError, put};
use super::root::{Owners, Root};

/// Where what is known is kept.
const KNOWN: &str = "var/lib/dpkg/alternatives";

/// A file that can have a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// What it is called among alternatives.
    name: String,
    /// The path that leads to it.
    link: String,
    /// The file, absolute.
    path: String,
    priority: i64,
    /// Names that go with it: name, link and file of each.
    slaves: Vec<(String, String, String)>,
}

/// The calls in a script that say what they do without variables.
pub(super) fn calls(script: &str) -> Vec<Choice> {
    let joined = script.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    lines.filter_map(call).collect()
}

/// Whether a line of a script is a call that [`calls`] understands.
pub(super) fn is_call(line: &str) -> bool {
    call(line).is_some()
}

fn call(text: &str) -> Option<Choice> {
    let mut words = text.split_whitespace();
    let program = words.next()?;
    if program.rsplit('/').next() != Some("update-alternatives") {
        return None;
    }
    let (mut words, mut main, mut slaves) = (words.peekable(), None, Vec::new());
    while let Some(word) = words.next() {
        let mut path = || {
            words
                .next()
                .filter(|word| is_plain(word))
                .map(str::to_owned)
        };
        match word {
            "--quiet" | "--force" => {}
            "--install" => {
                let (link, name, path) = (path()?, path()?, path()?);
                main = Some((link, name, path, words.next()?.parse().ok()?));
            }
            "--slave" => {
                let (link, name, path) = (path()?, path()?, path()?);
                if !is_choice(&name, &link, &path) {
                    return None;
                }
                slaves.push((name, link, path));
            }
            // What follows is done where it fails, and here it does not; anything else would be lost.
            "||" => break,
            _ => return None,
        }
    }
    let (link, name, path, priority) = main?;
    if !is_choice(&name, &link, &path) {
        return None;
    }
    slaves.sort();
    Some(Choice {
        name,
        link,
        path,
        priority,
        slaves,
    })
}

/// Whether these can be the name, the link and the file of a choice.
fn is_choice(name: &str, link: &str, path: &str) -> bool {
    !name.contains('/') && link.starts_with('/') && path.starts_with('/')
}

/// Whether a word is what it says, and stays in the root.
fn is_plain(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._/~:".contains(&byte);
    !word.is_empty() && word.bytes().all(fits) && !word.split('/').any(|part| part == "..")
}

/// Gives each name to the file that comes first, of `choices` and of what is known in the root.
pub(super) fn choose(root: &Path, choices: Vec<Choice>) -> Result<(), ConfigureError> {
    let mut by_name: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
    for choice in choices {
        // The file may have been left out.
        if exists(root, &choice.path) {
            by_name.entry(choice.name.clone()).or_default().push(choice);
        }
    }
    for (name, mut choices) in by_name {
        choices.extend(known(root, &name)?);
        choices.sort_by(|one, other| one.path.cmp(&other.path));
        choices.dedup_by(|one, other| one.path == other.path);
        // Of several with the same priority the first, however they came in.
        let Some(best) = choices
            .iter()
            .max_by_key(|choice| (choice.priority, std::cmp::Reverse(&choice.path)))
        else {
            continue;
        };
        give(root, &best.name, &best.link, &best.path)?;
        for (name, link, path) in &best.slaves {
            if exists(root, path) {
                give(root, name, link, path)?;
            }
        }
        if stays(root, &format!("/{KNOWN}/{name}")) {
            put(&root.join(KNOWN).join(&name), &written(&choices), 0o644)?;
        }
    }
    Ok(())
}

fn exists(root: &Path, path: &str) -> bool {
    stays(root, path) && fs::symlink_metadata(root.join(&path[1..])).is_ok()
}

/// Whether the folder of a path is in the root itself: a link on the way may lead anywhere in this machine.
fn stays(root: &Path, path: &str) -> bool {
    let folder = path[1..].rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.is_empty()
        || Root::open(root, Owners::Ignored).is_ok_and(|root| root.keeps(folder).unwrap_or(false))
}

/// `link` leads to the name, and the name to `path`.
fn give(root: &Path, name: &str, link: &str, path: &str) -> Result<(), ConfigureError> {
    let by_name = format!("/etc/alternatives/{name}");
    lead(root, &by_name, path)?;
    lead(root, link, &by_name)
}

fn lead(root: &Path, from: &str, to: &str) -> Result<(), ConfigureError> {
    if !stays(root, from) {
        return Ok(());
    }
    let path = root.join(&from[1..]);
    let made = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        match fs::symlink_metadata(&path) {
            // A file of a package keeps its place, as it does with that program.
            Ok(found) if !found.is_symlink() => return Ok(()),
            Ok(_) => fs::remove_file(&path)?,
            Err(_) => {}
        }
        symlink(to, &path)
    };
    made().map_err(|source| ConfigureError::Write {
        path: path.clone(),
        source,
    })
}

/// The form of that program: how it was chosen, the link, names and links that go with it, an empty line; then for each file
/// its path, its priority, and what the other names lead to.
fn written(choices: &[Choice]) -> String {
    let mut slaves: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, link, _) in choices.iter().flat_map(|choice| &choice.slaves) {
        slaves.insert(name, link);
    }
    let mut lines = vec!["auto".to_owned(), choices[0].link.clone()];
    for (name, link) in &slaves {
        lines.extend([(*name).to_owned(), (*link).to_owned()]);
    }
    lines.push(String::new());
    for choice in choices {
        lines.extend([choice.path.clone(), choice.priority.to_string()]);
        for name in slaves.keys() {
            let own = choice.slaves.iter().find(|(slave, ..)| slave == name);
            lines.push(own.map(|(_, _, path)| path.clone()).unwrap_or_default());
        }
    }
    lines.push(String::new());
    lines.join("\n") + "\n"
}

/// What is known of a name. What cannot be read is not known.
fn known(root: &Path, name: &str) -> Result<Vec<Choice>, ConfigureError> {
    let path = root.join(KNOWN).join(name);
    if !stays(root, &format!("/{KNOWN}/{name}")) {
        return Ok(Vec::new());
    }
    match fs::read_to_string(&path) {
        Ok(text) => Ok(read(name, &text).unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(ConfigureError::Read { path, source }),
    }
}

fn read(name: &str, text: &str) -> Option<Vec<Choice>> {
    let mut lines = text.lines();
    let (_, link) = (lines.next()?, lines.next()?);
    let mut slaves = Vec::new();
    loop {
        match lines.next()? {
            "" => break,
            slave => slaves.push((slave, lines.next()?)),
        }
    }
    let mut choices = Vec::new();
    while let Some(path) = lines.next().filter(|path| !path.is_empty()) {
        let priority = lines.next()?.parse().ok()?;
        let mut own = Vec::new();
        for (slave, link) in &slaves {
            let path = lines.next()?;
            if !path.is_empty() {
                own.push(((*slave).to_owned(), (*link).to_owned(), path.to_owned()));
            }
        }
        let plain = [link, path]
            .iter()
            .all(|word| word.starts_with('/') && is_plain(word));
        if !plain
            || own
                .iter()
                .any(|(name, link, path)| ![name, link, path].iter().all(|word| is_plain(word)))
        {
            return None;
        }
        choices.push(Choice {
            name: name.to_owned(),
            link: link.to_owned(),
            path: path.to_owned(),
            priority,
            slaves: own,
        });
    }
    Some(choices)
}

#[cfg(test)]
mod tests;
