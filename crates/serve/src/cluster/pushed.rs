//! Images that were pushed for environments: removed from their registry once those are gone.
//!
//! ```text
//! STATE/pushed/ID      a name on each line, written as it is built; it goes once none of its names is there any more
//! ```
//! A server that has lost its home does not know what it pushed before: that stays. So does what another tag names, too. Images of
//! backing services are called the same for all environments of a project: they stay as long as one is there whose names are not
//! here, because another server led as they were pushed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use boatyard_plan::reference::Reference;
use boatyard_preview::config::is_of_kubefiles;
use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::inventory::Records;
use serde::Deserialize;
use tokio::sync::{RwLock, RwLockReadGuard};

use super::realm::Realm;
use crate::lane::Stop;
use crate::site::{Done, Site};

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

    /// What names of images begin with that are pushed for an environment: what is not trusted is never called as what is.
    pub(super) fn pushed_to(&self, one: &Environment) -> String {
        let strangers = if one.is_trusted { "" } else { "strangers/" };
        format!("{}/{strangers}", self.terms.config.registry)
    }

    /// Writes down that this is pushed for an environment, if it is to its place in the registry.
    pub(super) fn pushes(&self, one: &Environment, names: &[String]) {
        let place = self.pushed_to(one);
        let lines = lines(names.iter().filter(|name| is_below(&place, name)));
        // What is not written down stays in the registry, and is in nobody's way.
        let _ = append(&self.pushed_by().join(one.id.as_str()), &lines);
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
        let notes = read(&self.pushed_by());
        let Sorted { gone, kept, going } = sorted(&notes, known);
        let removed = match self.expel(&going).await {
            Ok(removed) => removed,
            Err(why) => return why.into_iter().collect(),
        };
        for (id, names) in gone {
            // What another one has, too, goes with that one; what stays is looked at again.
            let is_over = |name: &String| kept.contains(name) || removed.contains(name);
            let left = lines(names.iter().filter(|name| !is_over(name)));
            let _ = write(&self.pushed_by().join(id), &left);
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

/// Names, by the environments that they were pushed for.
type Notes = BTreeMap<String, BTreeSet<String>>;

/// What is to become of what was pushed.
#[derive(Debug)]
struct Sorted<'a> {
    /// What was written down of environments that are gone.
    gone: Vec<(&'a String, &'a BTreeSet<String>)>,
    /// Names that others have.
    kept: BTreeSet<&'a String>,
    /// Names that nobody has any more.
    going: Vec<&'a String>,
}

fn sorted<'a>(notes: &'a Notes, known: &Records) -> Sorted<'a> {
    let is_gone = |id: &String| id.parse().is_ok_and(|id: Id| !known.contains_key(&id));
    let (gone, there): (Vec<_>, Vec<_>) = notes.iter().partition(|(id, _)| is_gone(id));
    let kept: BTreeSet<&String> = there.into_iter().flat_map(|(_, names)| names).collect();
    // Others may have what is called after nobody.
    let mut built = known.values().filter(|one| may_have_pushed(one));
    let are_all_noted = built.all(|one| notes.contains_key(one.id.as_str()));
    let mut going = BTreeSet::new();
    for (id, names) in &gone {
        let own = Site::copy(id);
        let nobodys = |name: &&String| are_all_noted || name.ends_with(&own);
        going.extend(names.iter().filter(nobodys));
    }
    let going = going.difference(&kept).copied().collect();
    Sorted { gone, kept, going }
}

/// Whether images were pushed for it, as far as anybody knows.
fn may_have_pushed(one: &Environment) -> bool {
    one.is_kept() && one.images.are_ours() && !is_of_kubefiles(&one.recipe)
}

/// Whether that is the name of an image there. A builder says it, which somebody may have taken over.
fn is_below(place: &str, name: &str) -> bool {
    name.starts_with(place) && name.parse::<Reference>().is_ok()
}

fn lines<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.flat_map(|name| [name.as_str(), "\n"]).collect()
}

/// Has a file say that, which goes if it is nothing.
fn write(file: &Path, lines: &str) -> io::Result<()> {
    if lines.is_empty() {
        return std::fs::remove_file(file);
    }
    std::fs::write(file, lines)
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

/// What is written down.
fn read(folder: &Path) -> Notes {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let id = entry.file_name().into_string().ok()?;
        let text = std::fs::read_to_string(entry.path()).ok()?;
        Some((id, text.lines().map(str::to_owned).collect()))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use boatyard_preview::phase::Phase;
    use boatyard_preview::revision::{Place, Repository, Revision, Subject};
    use boatyard_preview::time::Time;

    use super::*;

    /// Called the same for all environments of a project.
    const BACKING: &str = "r.test/previews/shop/db:trixie";

    /// One that is prepared, of a branch of that name.
    fn environment(branch: &str) -> Environment {
        let revision = Revision {
            place: Place {
                repository: Repository {
                    forge: "here".to_owned(),
                    name: "shop".to_owned(),
                },
                subject: Subject::Branch(branch.to_owned()),
            },
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        };
        Environment {
            phase: Phase::Asleep,
            ..Environment::new(Id::of(&revision, ""), revision, true, Time(0))
        }
    }

    fn own(one: &Environment) -> String {
        format!(
            "r.test/previews/shop/app:k8s-{}",
            Site::copy(one.id.as_str())
        )
    }

    fn notes<'a>(all: impl IntoIterator<Item = &'a Environment>) -> Notes {
        let noted = |one: &Environment| {
            let names = BTreeSet::from([own(one), BACKING.to_owned()]);
            (one.id.to_string(), names)
        };
        all.into_iter().map(noted).collect()
    }

    fn known(all: impl IntoIterator<Item = Environment>) -> Records {
        let all = all.into_iter();
        all.map(|one| (one.id, Arc::new(one))).collect()
    }

    #[test]
    fn what_another_leader_may_have_pushed_stays() {
        let (gone, there) = (environment("gone"), environment("there"));
        let (own, backing) = (own(&gone), BACKING.to_owned());
        let both = [&own, &backing];
        let of = |phase, recipe: &str| Environment {
            phase,
            recipe: recipe.to_owned(),
            ..there.clone()
        };
        let mine = notes([&gone]);
        for (others, expected) in [
            (known([]), &both[..]),
            // Another one led as it was built.
            (known([of(Phase::Running, "")]), &both[..1]),
            // Nothing was.
            (known([of(Phase::Queued, "")]), &both[..]),
            (known([of(Phase::Running, "//kubefiles")]), &both[..]),
        ] {
            let sorted = sorted(&mine, &others);
            assert_eq!(sorted.going, expected, "{others:?}");
            assert!(sorted.kept.is_empty(), "{sorted:?}");
        }
        // Whoever has it is known.
        let all = notes([&gone, &there]);
        let sorted = sorted(&all, &known([there.clone()]));
        assert_eq!(sorted.going, [&own]);
        assert!(sorted.kept.contains(&backing), "{sorted:?}");
    }

    #[test]
    fn what_is_left_is_looked_at_again() {
        let folder = tempfile::tempdir().unwrap();
        let one = environment("gone");
        let file = folder.path().join(one.id.as_str());
        append(&file, &lines([own(&one), BACKING.to_owned()].iter())).unwrap();
        assert_eq!(read(folder.path()), notes([&one]));
        let left = BACKING.to_owned();
        write(&file, &lines([&left].into_iter())).unwrap();
        let names = BTreeSet::from([left]);
        assert_eq!(
            read(folder.path()),
            BTreeMap::from([(one.id.to_string(), names)])
        );
        write(&file, "").unwrap();
        assert_eq!(read(folder.path()), BTreeMap::new());
    }

    #[test]
    fn nothing_of_others_is_written_down_for_a_stranger() {
        let place = "r.test/previews/strangers/";
        for (name, expected) in [
            ("r.test/previews/strangers/shop/app:k8s-1", true),
            ("r.test/previews/shop/app:k8s-1", false),
            ("r.test/previews/serve/server:k8s-1", false),
            ("other.test/strangers/shop/app:k8s-1", false),
            ("r.test/previews/strangers/a:1\nr.test/previews/a:1", false),
            ("r.test/previews/strangers/../serve/server:k8s-1", false),
        ] {
            assert_eq!(is_below(place, name), expected, "{name:?}");
        }
    }
}
