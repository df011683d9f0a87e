//! `boatyard image fsck`

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::Store;
use boatyard_store::prune::{self, Problem};
use serde::Serialize;

use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// The store is not whole.
#[derive(Debug, thiserror::Error)]
#[error("the store has {count} problems")]
struct Damaged {
    count: usize,
}

impl Failure for Damaged {
    fn fault(&self) -> Fault {
        Fault::Work
    }

    fn help(&self) -> Option<String> {
        Some(
            "remove the images that are named with \"boatyard image rm\", and build them again"
                .to_owned(),
        )
    }
}

/// What programs learn of each problem.
#[derive(Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
enum Answer<'a> {
    Damaged { digest: String, found: String },
    Missing { digest: String, image: &'a str },
}

/// Verifies everything that is kept.
pub fn run(store: &Store, voice: &Voice) -> Result<(), Stopped> {
    let problems = prune::fsck(store)?;
    let answers: Vec<Answer<'_>> = problems.iter().map(answer_of).collect();
    if voice.json {
        answer::json(&answers)?;
    } else if answers.is_empty() {
        answer::text("the store is whole\n")?;
    } else {
        answer::text(&problems.iter().map(sentence).collect::<String>())?;
    }
    if answers.is_empty() {
        Ok(())
    } else {
        let count = answers.len();
        Err(Damaged { count }.into())
    }
}

fn answer_of(problem: &Problem) -> Answer<'_> {
    match problem {
        Problem::Damaged { digest, found } => Answer::Damaged {
            digest: digest.to_string(),
            found: found.to_string(),
        },
        Problem::Missing { digest, image } => Answer::Missing {
            digest: digest.to_string(),
            image,
        },
    }
}

fn sentence(problem: &Problem) -> String {
    match problem {
        Problem::Damaged { digest, found } => {
            format!("{digest} is damaged: its content is {found}\n")
        }
        Problem::Missing { digest, image } => format!("{digest} is missing; {image} needs it\n"),
    }
}
