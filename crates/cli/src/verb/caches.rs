//! `--cache-from` and `--cache-to`: what was done elsewhere, and what others need not do again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use boatyard_plan::event::{Event, Level};
use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::Descriptor;
use boatyard_store::Store;
use boatyard_store::cache::{self, Mode, Place, Target};
use boatyard_store::registry::Options;

use crate::args::caching::Caching;
use crate::args::size;
use crate::diagnose::in_one_line;
use crate::progress::{Sink, amount};

/// The words do not say where a cache is.
#[derive(Debug, thiserror::Error)]
#[error("--{flag} {value}: {problem}")]
pub struct CacheWordsError {
    flag: &'static str,
    value: String,
    problem: &'static str,
}

impl Failure for CacheWordsError {
    fn fault(&self) -> Fault {
        Fault::User
    }

    fn help(&self) -> Option<String> {
        let end = if self.flag == "cache-to" {
            "dest"
        } else {
            "src"
        };
        Some(format!(
            "say --{0} DIR, --{0} type=local,{end}=DIR or --{0} type=registry,ref=HOST/NAME:TAG",
            self.flag
        ))
    }
}

/// Where results come from and go to.
#[derive(Debug, Default)]
pub struct Caches {
    from: Vec<Place>,
    to: Vec<Target>,
}

impl Caches {
    /// Reads the words; folders start from `here`.
    pub fn parse(words: &Caching, here: &Path) -> Result<Self, CacheWordsError> {
        let from = words.cache_from.iter();
        let to = words.cache_to.iter();
        Ok(Self {
            from: from
                .map(|word| Ok(target("cache-from", word, here)?.place))
                .collect::<Result<_, _>>()?,
            to: to
                .map(|word| target("cache-to", word, here))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Lets a build take from the caches, unless it is to do everything again.
    pub fn open(&self, store: &Store, no_cache: bool, sink: &Sink) {
        if self.from.is_empty() || no_cache {
            return;
        }
        let to = Arc::clone(sink);
        let warn = Arc::new(move |message: String| warn(&to, format!("--cache-from: {message}")));
        store.take_from(&self.from, options(), warn);
    }

    /// Writes the caches after a build. What cannot be written is a warning: the images are there.
    pub fn keep(&self, store: &Store, images: &[Descriptor], sink: &Sink) {
        for target in &self.to {
            match cache::export(store, images, target, SystemTime::now(), &options()) {
                Ok(kept) => {
                    let left_out = match kept.left_out {
                        0 => String::new(),
                        count => format!("; left out {count} that do not fit or are in use"),
                    };
                    let message = format!(
                        "cache {}: {} steps, {} cache mounts, {}{left_out}",
                        target.place,
                        kept.actions,
                        kept.mounts,
                        amount::bytes(kept.bytes)
                    );
                    sink(Event::Notice {
                        level: Level::Info,
                        message,
                        help: None,
                    });
                }
                Err(error) => sink(Event::Notice {
                    level: Level::Warning,
                    message: format!(
                        "--cache-to: nothing was written to {}: {}",
                        target.place,
                        in_one_line(&error)
                    ),
                    help: error.help(),
                }),
            }
        }
    }
}

fn warn(sink: &Sink, message: String) {
    sink(Event::Notice {
        level: Level::Warning,
        message,
        help: None,
    });
}

fn options() -> Options {
    Options::from_variables(|name| std::env::var(name).ok())
}

/// Reads `DIR`, or parts separated by commas.
fn target(flag: &'static str, word: &str, here: &Path) -> Result<Target, CacheWordsError> {
    let wrong = |problem| CacheWordsError {
        flag,
        value: word.to_owned(),
        problem,
    };
    let is_to = flag == "cache-to";
    let mut target = Target {
        place: Place::Folder(here.join(word)),
        mode: Mode::Max,
        mounts: true,
        max_bytes: None,
    };
    if !word.contains('=') {
        return if word.is_empty() {
            Err(wrong("no folder"))
        } else {
            Ok(target)
        };
    }
    let (mut kind, mut folder, mut name, mut mounts) = (None, None, None, None);
    for field in word.split(',') {
        let (key, value) = field
            .split_once('=')
            .ok_or_else(|| wrong("a part has no \"=\""))?;
        match key.trim() {
            "type" => kind = Some(value),
            "dest" if is_to => folder = Some(PathBuf::from(value)),
            "src" if !is_to => folder = Some(PathBuf::from(value)),
            "ref" => name = Some(value),
            "mode" if is_to => {
                target.mode = match value {
                    "min" => Mode::Min,
                    "max" => Mode::Max,
                    _ => return Err(wrong("mode is min or max")),
                }
            }
            "mounts" if is_to => {
                mounts = Some(
                    value
                        .parse()
                        .map_err(|_| wrong("mounts is true or false"))?,
                );
            }
            "max-bytes" if is_to => {
                let bytes = size::bytes(value);
                target.max_bytes = Some(bytes.map_err(|_| wrong("max-bytes is not a size"))?);
            }
            _ => return Err(wrong("unknown key")),
        }
    }
    target.place = match (kind, folder, name) {
        (Some("local"), Some(folder), None) => Place::Folder(here.join(folder)),
        (Some("registry"), None, Some(name)) => {
            Place::Registry(name.parse().map_err(|_| wrong("ref is not a name"))?)
        }
        (Some("local"), _, _) if is_to => return Err(wrong("type=local needs dest, and no ref")),
        (Some("local"), _, _) => return Err(wrong("type=local needs src, and no ref")),
        (Some("registry"), _, _) => return Err(wrong("type=registry needs ref, and no folder")),
        (Some(_), _, _) => return Err(wrong("type is local or registry")),
        (None, _, _) => return Err(wrong("no type")),
    };
    // Cache mounts may be large, and a registry is slow.
    target.mounts = mounts.unwrap_or(matches!(target.place, Place::Folder(_)));
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_cache() {
        let here = Path::new("/here");
        let folder = |path: &str| Place::Folder(PathBuf::from(path));
        for (flag, word, place, mode, mounts, max_bytes) in [
            ("cache-to", "c", folder("/here/c"), Mode::Max, true, None),
            (
                "cache-to",
                "type=local,dest=/c,mode=min,mounts=false,max-bytes=2GB",
                folder("/c"),
                Mode::Min,
                false,
                Some(2_000_000_000),
            ),
            (
                "cache-from",
                "type=local,src=c",
                folder("/here/c"),
                Mode::Max,
                true,
                None,
            ),
            (
                "cache-to",
                "type=registry,ref=host:1/a:b",
                Place::Registry("host:1/a:b".parse().unwrap()),
                Mode::Max,
                false,
                None,
            ),
        ] {
            let expected = Target {
                place,
                mode,
                mounts,
                max_bytes,
            };
            assert_eq!(target(flag, word, here).unwrap(), expected, "{word}");
        }
        for (flag, word) in [
            ("cache-to", ""),
            ("cache-to", "type=local"),
            ("cache-to", "type=local,src=c"),
            ("cache-from", "type=local,dest=c"),
            ("cache-from", "type=local,src=c,mode=min"),
            ("cache-to", "type=registry,dest=c"),
            ("cache-to", "type=s3,ref=c"),
            ("cache-to", "dest=c"),
            ("cache-to", "type=local,dest=c,mode=all"),
            ("cache-to", "type=local,dest=c,max-bytes=x"),
        ] {
            assert!(target(flag, word, here).is_err(), "{flag} {word}");
        }
    }
}
