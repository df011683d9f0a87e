//! `boatyard render compose`

use boatyard_harden::render::compose::{Options, render};

use super::output::{self, Join};
use super::tag;
use crate::args::render::Composed;
use crate::project::Found;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Makes a Compose file.
pub fn run(found: &Found, words: &Composed, voice: &Voice) -> Result<(), Stopped> {
    let tag = tag::docker(words.tag.as_deref(), found)?;
    let rendered = render(&found.project, &Options { tag });
    output::give(&rendered, &words.output, Join::Documents, voice)
}
