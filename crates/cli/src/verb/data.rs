//! `boatyard data`

use std::time::{Duration, SystemTime};

use boatyard_engine::session::SavedError;
use boatyard_engine::session::saved::{self, Saved, Saving};

use crate::args::data::Data;
use crate::progress::amount;
use crate::project::{self, Named};
use crate::stopped::Stopped;
use crate::verb::remote;
use crate::voice::Voice;
use crate::yard::Yard;
use crate::{answer, home};

/// Does what the words say.
pub fn run(named: Named<'_>, words: &Data, voice: &Voice) -> Result<(), Stopped> {
    match words {
        Data::Save {
            name,
            replace,
            room,
            there,
        } => {
            if there.is_named() {
                let saving = Saving {
                    replaces: *replace,
                    room_bytes: *room,
                };
                let saved = remote::data::save(named, there, name, saving)?;
                return tell("saved", &saved, voice);
            }
            let found = project::find(named)?;
            // Files of a container's users belong to subordinate ids: only their namespace can copy them.
            let yard = Yard::open()?;
            let saving = Saving {
                replaces: *replace,
                room_bytes: *room,
            };
            let place = found.place(&yard.home);
            let saved = saved::save(&yard.store, &place, &found.project.name, name, saving)?;
            tell("saved", &saved, voice)
        }
        Data::Restore { name, there } if there.is_named() => {
            let saved = remote::data::restore(named, there, name)?;
            tell("restored", &saved, voice)
        }
        Data::Restore { name, .. } => {
            let found = project::find(named)?;
            let yard = Yard::open()?;
            let place = found.place(&yard.home);
            let saved = saved::restore(&yard.store, &place, &found.project.name, name)?;
            tell("restored", &saved, voice)
        }
        Data::Ls => list(&saved::all(&home::locate()?), voice),
        Data::Rm { names } => remove(names),
    }
}

fn tell(done: &str, saved: &Saved, voice: &Voice) -> Result<(), Stopped> {
    if voice.json {
        return answer::json(saved);
    }
    let size = amount::bytes(saved.size_bytes);
    answer::text(&format!("{done} {}: {size}\n", saved.name))
}

fn list(all: &[Saved], voice: &Voice) -> Result<(), Stopped> {
    if voice.json {
        return answer::json(&all);
    }
    let mut table = answer::Table::new(["NAME", "PROJECT", "SIZE", "AGE"]);
    for saved in all {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(saved.at_secs);
        let age = SystemTime::now().duration_since(at).unwrap_or_default();
        table.row([
            saved.name.clone(),
            saved.project.clone(),
            amount::bytes(saved.size_bytes),
            amount::time(age),
        ]);
    }
    answer::text(&table.render(voice.out))
}

/// Removes all of them, or none if one is not known.
fn remove(names: &[String]) -> Result<(), Stopped> {
    let known = saved::all(&home::locate()?);
    let known: Vec<String> = known.into_iter().map(|saved| saved.name).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let name = name.clone();
        return Err(SavedError::NotThere { name, known }.into());
    }
    let yard = Yard::open()?;
    for name in names {
        saved::forget(&yard.store, name)?;
    }
    Ok(())
}
