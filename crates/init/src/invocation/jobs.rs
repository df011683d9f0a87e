//! `jobs CATEGORY` and its flags.

use std::ffi::OsString;
use std::time::Duration;

use super::flags::{seconds, value};
use super::misuse::Misuse;

/// What `jobs` is asked to run, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// The category: the name of a folder.
    pub category: String,
    /// Whether the jobs after one that failed run too.
    pub continues: bool,
    /// How long each may take.
    pub timeout: Option<Duration>,
    /// What is done if the same category runs already.
    pub overlap: Overlap,
    /// Whether a category that is not there is nothing to do, and no mistake.
    pub may_be_missing: bool,
}

/// What is done if the same category runs already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Nothing, with success.
    Skip,
    /// Wait for its end.
    Wait,
    /// Fail.
    Fail,
    /// Run beside it.
    Allow,
}

/// Understands what follows `jobs`.
pub(super) fn parse(words: Vec<OsString>) -> Result<Jobs, Misuse> {
    let mut jobs = Jobs {
        category: String::new(),
        continues: false,
        timeout: None,
        overlap: Overlap::Skip,
        may_be_missing: false,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--on-error") => {
                jobs.continues =
                    value(
                        "--on-error",
                        "stop or continue",
                        words.next(),
                        |text| match text {
                            "stop" => Some(false),
                            "continue" => Some(true),
                            _ => None,
                        },
                    )?;
            }
            Some("--timeout") => jobs.timeout = Some(seconds("--timeout", words.next())?),
            Some("--overlap") => {
                let takes = "skip, wait, fail or allow";
                jobs.overlap = value("--overlap", takes, words.next(), |text| match text {
                    "skip" => Some(Overlap::Skip),
                    "wait" => Some(Overlap::Wait),
                    "fail" => Some(Overlap::Fail),
                    "allow" => Some(Overlap::Allow),
                    _ => None,
                })?;
            }
            Some("--allow-missing") => jobs.may_be_missing = true,
            Some(flag) if flag.starts_with('-') => return Err(Misuse::UnknownFlag { flag: word }),
            Some(name) if jobs.category.is_empty() && is_folder(name) => {
                name.clone_into(&mut jobs.category);
            }
            _ => {
                return Err(Misuse::Unexpected {
                    verb: "jobs",
                    argument: word,
                });
            }
        }
    }
    if jobs.category.is_empty() {
        return Err(Misuse::Missing {
            verb: "jobs",
            needs: "a category",
        });
    }
    Ok(jobs)
}

/// One name below the folder of all categories, and nothing outside it.
fn is_folder(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != "." && name != ".."
}
