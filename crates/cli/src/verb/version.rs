//! `boatyard version`

use boatyard_engine::init_binary;
use boatyard_plan::build::SCHEMA;
use serde::Serialize;

use crate::answer;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What programs learn.
#[derive(Serialize)]
struct Answer {
    version: &'static str,
    /// Version of the JSON form of plans.
    plan_schema: u32,
    /// Processor architecture that the binary was made for.
    architecture: &'static str,
    /// Target of the `boatyard-init` that it puts into images, which names the C library in it.
    init: &'static str,
}

/// Tells the version.
pub fn run(voice: &Voice) -> Result<(), Stopped> {
    let answer = Answer {
        version: env!("CARGO_PKG_VERSION"),
        plan_schema: SCHEMA,
        architecture: std::env::consts::ARCH,
        init: init_binary::TARGET,
    };
    if voice.json {
        return answer::json(&answer);
    }
    answer::text(&format!("boatyard {}\n", answer.version))
}
