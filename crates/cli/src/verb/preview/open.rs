//! An environment, until it answers.

use std::time::Duration;

use serde_json::json;

use super::api::Api;
use super::failure::PreviewError;
use super::one::{path, read};
use super::text::Environment;
use crate::answer;
use crate::args::preview::One;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// Has it run, waits until it answers, and prints its address. How long that may take the server knows: what takes too long has
/// failed there.
pub fn open(api: &Api, one: &One, voice: &Voice) -> Result<(), Stopped> {
    let path = path(one);
    let mut seen: Environment = read(api, api.post(&format!("{path}/start"))?)?;
    while seen.phase != "running" {
        // It could not be prepared, or somebody had it stopped or taken away meanwhile: nothing will start it.
        if !seen.is_asked {
            let why = seen.reason.unwrap_or(seen.phase);
            return Err(PreviewError::NotRunning { id: seen.id, why }.into());
        }
        std::thread::sleep(LOOK);
        seen = read(api, api.get(&path, &[])?)?;
    }
    if voice.json {
        return answer::json(&json!({ "id": seen.id, "url": seen.url }));
    }
    answer::text(&format!("{}\n", seen.url))
}
