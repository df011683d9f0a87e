//! Images that were pushed for environments: removed from their registry once those are gone.
//!
//! ```text
//! STATE/pushed/ID      a name on each line, written as it is built; it goes once none of its names is there any more
//! ```
//! A server that has lost its home does not know what it pushed before: that stays. So does what another tag names, too.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use serde::Deserialize;
use tokio::sync::{RwLock, RwLockReadGuard};

use super::realm::Realm;
use crate::lane::Stop;
use crate::site::Done;

/// What keeps pushing and removing apart: what has just been pushed may be the very image that is removed under another name.
#[derive(Default)]
pub(super) struct Pushed {
    apart: RwLock<()>,
    /// The registry does not let us, which was said.
    is_refused: AtomicBool,
}

/// What `boatyard image rm --remote --json` tells of each name.
#[derive(Deserialize)]
struct Removed {
    image: String,
    gone: bool,
}

impl Realm {
    /// Until this is dropped nothing is removed from the registry.
    pub(super) async fn pushing(&self) -> RwLockReadGuard<'_, ()> {
        self.pushed.apart.read().await
    }

    /// Writes down that this is pushed for an environment, if it is to our place in the registry.
    pub(super) fn pushes(&self, id: &Id, names: &[String]) {
        let own = format!("{}/", self.terms.config.registry);
        let ours = names.iter().filter(|name| name.starts_with(&own));
        let lines: String = ours.flat_map(|name| [name.as_str(), "\n"]).collect();
        // What is not written down stays in the registry, and is in nobody's way.
        let _ = append(&self.pushed_by().join(id.as_str()), &lines);
    }

    /// Removes from the registry what was pushed for environments that are gone; what could not be.
    pub(super) async fn sweep_images(&self, known: &Records) -> Vec<String> {
        let is_refused = self.pushed.is_refused.load(Ordering::Relaxed);
        if self.terms.config.keeps_images || is_refused {
            return Vec::new();
        }
        // Whoever pushes now is looked after the next time.
        let Ok(_apart) = self.pushed.apart.try_write() else {
            return Vec::new();
        };
        let all = read(&self.pushed_by());
        let is_gone = |id: &String| id.parse().is_ok_and(|id: Id| !known.contains_key(&id));
        let (gone, there): (Vec<_>, Vec<_>) = all.iter().partition(|(id, _)| is_gone(id));
        let kept: BTreeSet<&String> = there.into_iter().flat_map(|(_, names)| names).collect();
        let going: BTreeSet<&String> = gone.iter().flat_map(|(_, names)| *names).collect();
        let going: Vec<&String> = going.difference(&kept).copied().collect();
        let removed = match self.expel(&going).await {
            Ok(removed) => removed,
            Err(why) => return why.into_iter().collect(),
        };
        for (id, names) in gone {
            // What another one has, too, goes with that one.
            let is_over = |name: &String| kept.contains(name) || removed.contains(name);
            if names.iter().all(is_over) {
                // One that stays is looked at again.
                let _ = std::fs::remove_file(self.pushed_by().join(id));
            }
        }
        Vec::new()
    }

    /// Has names removed; those that are there no more. The error is what is to be said of it.
    async fn expel(&self, names: &[&String]) -> Result<BTreeSet<String>, Option<String>> {
        if names.is_empty() {
            return Ok(BTreeSet::new());
        }
        let words = ["image", "rm", "--remote"].into_iter();
        let words = words.chain(names.iter().map(|name| name.as_str()));
        let [home, _] = self.site.homes();
        let command = self.site.knowing(&home, words);
        match self.site.done_by(command, &Stop::new()).await {
            Ok(Done::Well(text)) => {
                let all: Vec<Removed> = serde_json::from_str(&text).unwrap_or_default();
                let gone = all.into_iter().filter(|one| one.gone);
                Ok(gone.map(|one| one.image).collect())
            }
            Ok(Done::Badly { why, .. }) => {
                self.pushed.is_refused.store(true, Ordering::Relaxed);
                Err(Some(format!(
                    "images of environments that are gone stay in the registry until the server is started again: {why}"
                )))
            }
            Err(trouble) => Err(Some(trouble.to_string())),
        }
    }

    fn pushed_by(&self) -> PathBuf {
        self.site.settings.state.join("pushed")
    }
}

fn append(file: &Path, lines: &str) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(file.parent().unwrap_or(file))?;
    let mut open = std::fs::OpenOptions::new();
    let mut file = open.append(true).create(true).open(file)?;
    file.write_all(lines.as_bytes())
}

/// The names, by the environments that they were pushed for.
fn read(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let id = entry.file_name().into_string().ok()?;
        let text = std::fs::read_to_string(entry.path()).ok()?;
        Some((id, text.lines().map(str::to_owned).collect()))
    });
    named.collect()
}
