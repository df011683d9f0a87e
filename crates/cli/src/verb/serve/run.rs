//! From words to a server.

use std::sync::Arc;

use boatyard_serve::server::{self, Start};

use super::configuration::{self, Configuration};
use super::told;
use crate::args::serve::Serve;
use crate::home;
use crate::project;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Serves until it is asked to end.
pub fn run(words: &Serve, voice: &Voice) -> Result<(), Stopped> {
    let here = project::here()?;
    let home = home::open()?;
    let source = Configuration::choose(words, &here)?;
    let config = source.read()?;
    let program = std::env::current_exe().map_err(|source| server::ServeError::Start { source })?;
    let told = told::teller(voice);
    Ok(server::run(Start {
        program,
        home,
        config,
        file: source.path.clone(),
        beside: source.folder(&here),
        reload: Box::new(move || {
            source
                .read()
                .map_err(|stopped| configuration::said(&stopped))
        }),
        say: Arc::new(told),
        otlp: words.otlp.clone(),
    })?)
}
