//! Calls that outlast an API server that is restarted, or that cannot reach its database for a moment.

use std::time::{Duration, Instant};

use crate::refusal::{Refusal, Said};

/// How long one is tried: an API server takes half a minute to come back.
const LIMIT: Duration = Duration::from_secs(60);
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Calls until there is an answer that trying again would not change. The call must be one that may be made twice.
pub async fn call<T>(
    doing: impl Into<String>,
    once: impl AsyncFn() -> kube::Result<T>,
) -> Result<T, Refusal> {
    let begin = Instant::now();
    let mut pause = FIRST;
    loop {
        let error = match once().await {
            Ok(answer) => return Ok(answer),
            Err(error) => Said::from(error),
        };
        if !passes(&error) || begin.elapsed() + pause > LIMIT {
            let doing = doing.into();
            let source = error;
            return Err(Refusal { doing, source });
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// Whether it may be another answer soon: nobody was there, or the server had trouble of its own.
fn passes(said: &Said) -> bool {
    match said {
        Said::Unreached { .. } => true,
        Said::Server { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
    }
}
