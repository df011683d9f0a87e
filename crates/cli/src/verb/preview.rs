//! `boatyard preview`: what a server of preview environments has, and what it is to do.
//!
//! ```text
//! words --> Api (HTTP) --> answers of the server --> text, or as they are with --json
//! ```

mod api;
mod failure;
mod log;
mod one;
mod open;
mod text;

use self::api::Api;
use crate::args::preview::{Preview, Verb};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(words: &Preview, voice: &Voice) -> Result<(), Stopped> {
    let api = Api::of(&words.server, &|name| std::env::var(name).ok())?;
    match &words.verb {
        Verb::Ls(filter) => one::list(&api, filter, voice),
        Verb::Show(one) => one::show(&api, one, voice),
        Verb::Start(one) => one::act(&api, one, "start", voice),
        Verb::Stop(one) => one::act(&api, one, "stop", voice),
        Verb::Reset(one) => one::act(&api, one, "reset", voice),
        Verb::Pin(one) => one::act(&api, one, "pin", voice),
        Verb::Unpin(one) => one::act(&api, one, "unpin", voice),
        Verb::Approve(one) => one::act(&api, one, "approve", voice),
        Verb::Undeploy(one) => one::act(&api, one, "undeploy", voice),
        Verb::Logs(logs) => log::logs(&api, logs, voice),
        Verb::Open(one) => open::open(&api, one, voice),
    }
}
