//! What a commit says of its times.

use std::time::Duration;

use boatyard_plan::project::{self, Preview};
use boatyard_preview::environment::{Environment, Wishes};
use tokio::fs;

use super::call::FILE;
use super::place::Site;
use crate::logs::Part;

impl Site {
    /// What the project file of an environment that is prepared wishes, if anything; what the policy does not permit is said in
    /// its log.
    pub(crate) async fn wished(&self, one: &Environment) -> Option<Wishes> {
        let text = fs::read_to_string(self.project(one).join(FILE)).await;
        // It has just been read by our command, which tells of mistakes.
        let project = project::parse(&text.unwrap_or_default());
        let Preview { idle, lifetime, .. } = project.map(|known| known.preview).unwrap_or_default();
        let times = (self.settings.times)();
        for (key, wished, allowed) in [
            ("idle", idle, times.idle),
            ("lifetime", lifetime, times.lifetime),
        ] {
            if let Some(said) = clamped(key, wished, allowed) {
                self.settings.logs.append(&one.id, Part::Prepare, &said);
            }
        }
        let wishes = Wishes { idle, lifetime };
        (wishes != Wishes::default()).then_some(wishes)
    }
}

/// What is said if more is wished than is permitted.
fn clamped(key: &str, wished: Option<Duration>, allowed: Option<Duration>) -> Option<String> {
    let (wished, allowed) = (wished?.as_secs(), allowed?.as_secs());
    (wished > allowed).then(|| {
        format!("{key} of [preview] is {wished} s; the server permits {allowed} s, which holds")
    })
}
