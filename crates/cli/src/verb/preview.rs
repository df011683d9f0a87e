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
mod server;
mod snapshot;
mod text;

use self::api::Api;
use self::server::Server;
use crate::args::preview::{Preview, Verb};
use crate::home;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Does what the words say.
pub fn run(words: &Preview, voice: &Voice) -> Result<(), Stopped> {
    // Without a home there is no server of ours.
    let home = home::locate().ok();
    let variable = |name: &str| std::env::var(name).ok();
    let api = Api::of(Server::find(&words.server, &variable, home.as_deref())?);
    match &words.verb {
        Verb::Ls(filter) => one::list(&api, filter, voice),
        Verb::Show(one) => one::show(&api, one, voice),
        Verb::Start(one) => one::act(&api, one, "start", voice),
        Verb::Stop(one) => one::act(&api, one, "stop", voice),
        Verb::Reset(one) => one::act(&api, one, "reset", voice),
        Verb::Pin(one) => one::act(&api, one, "pin", voice),
        Verb::Unpin(one) => one::act(&api, one, "unpin", voice),
        Verb::Approve(approval) => one::approve(&api, approval, voice),
        Verb::Undeploy(one) => one::act(&api, one, "undeploy", voice),
        Verb::Snapshot(words) => snapshot::save(&api, words, voice),
        Verb::Restore(words) => snapshot::restore(&api, words, voice),
        Verb::Snapshots(one) => snapshot::list(&api, one, voice),
        Verb::Discard(words) => snapshot::discard(&api, words, voice),
        Verb::Logs(logs) => log::logs(&api, logs, voice),
        Verb::Open(one) => open::open(&api, one, voice),
    }
}
