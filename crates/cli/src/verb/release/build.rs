//! Builds the image of a release.

use std::path::Path;

use boatyard_engine::build::Given;
use boatyard_plan::release;

use super::error::ReleaseWordsError as Error;
use super::note::write as note;
use super::words;
use crate::args::build::Build;
use crate::progress::Origins;
use crate::project;
use crate::stopped::Stopped;
use crate::verb::build::{Job, Own, carry_out};
use crate::voice::Voice;

/// Flags of Dockerfile builds that mean the same for a release.
const ALSO: [&str; 6] = ["tag", "label", "push", "iidfile", "metadata-file", "engine"];

/// Whether a word is a release and not a service: `==`, `[`, `@` or `.whl` is in it.
pub fn is_release(word: &str) -> bool {
    word.contains("==") || word.contains(['[', '@']) || is_wheel(word)
}

fn is_wheel(word: &str) -> bool {
    let extension = Path::new(word).extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("whl"))
}

/// Builds the image of the release `text`.
pub fn run(text: &str, words: &Build, voice: &Voice) -> Result<(), Stopped> {
    if let Some(other) = words.what.iter().find(|what| *what != text) {
        let (release, other) = (text.to_owned(), other.clone());
        return Err(Error::Mixed { release, other }.into());
    }
    if let Some(flag) = words
        .dockerfile
        .said()
        .into_iter()
        .find(|flag| !ALSO.contains(flag))
    {
        return Err(Error::Flag { flag }.into());
    }
    let here = project::here()?;
    let (options, index) = words::wanted(words, &here)?;
    let plan = release::parse(text, &options)?;
    let services = plan.images.iter();
    let job = Job {
        own: Own {
            services: services.map(|image| image.service.clone()).collect(),
            ..Own::default()
        },
        is_project: false,
        copy: None,
        kept_out: Vec::new(),
        plan,
        folder: here.clone(),
        origins: Origins::new(),
        index,
        given: Given::default(),
    };
    carry_out(job, words, voice, |yard, job, built| {
        let plan = job.plan.images.first();
        let name = plan.and_then(|plan| plan.references.first());
        if let (Some(path), Some(image), Some(name)) =
            (&words.releasing.result_file, built.first(), name)
        {
            let said = release::without_password(text);
            note(&yard.store, &here.join(path), &said, &image.manifest, name)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::is_release;

    #[test]
    fn the_shape_tells_what_is_meant() {
        for (what, release) in [
            ("app", false),
            ("httpie==3.2.4", true),
            ("shop[web]==1.2", true),
            ("./shop-1.2-py3-none-any.whl", true),
            ("shop @ https://host/x.tar.gz", true),
            (".", false),
            ("apps/web", false),
        ] {
            assert_eq!(is_release(what), release, "{what}");
        }
    }
}
