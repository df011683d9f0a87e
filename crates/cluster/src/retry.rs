//! Calls that outlast an API server that is restarted, or that cannot reach its database for a moment.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::refusal::{Refusal, Said};

/// How long one is tried: an API server takes half a minute to come back.
const LIMIT: Duration = Duration::from_secs(60);
/// How long one is tried before anything has begun: who is there answers at once.
const FIRST_LIMIT: Duration = Duration::from_secs(5);
/// How long one try may take: a connection whose other end is gone says nothing, for ever.
pub const ANSWER: Duration = Duration::from_secs(20);
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Calls until there is an answer that trying again would not change. The call must be one that may be made twice.
pub async fn call<T>(
    doing: impl Into<String>,
    once: impl AsyncFn() -> kube::Result<T>,
) -> Result<T, Refusal> {
    tried(doing, once, LIMIT).await
}

/// The same for the first call of all: nothing is lost if it fails.
pub async fn first<T>(
    doing: impl Into<String>,
    once: impl AsyncFn() -> kube::Result<T>,
) -> Result<T, Refusal> {
    tried(doing, once, FIRST_LIMIT).await
}

async fn tried<T>(
    doing: impl Into<String>,
    once: impl AsyncFn() -> kube::Result<T>,
    limit: Duration,
) -> Result<T, Refusal> {
    let begin = Instant::now();
    let mut pause = FIRST;
    loop {
        let error = match within(ANSWER, once()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !passes(&error) || begin.elapsed() + pause > limit {
            let doing = doing.into();
            let source = error;
            return Err(Refusal { doing, source });
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// What `call` answers, or that it has not within `limit`.
pub async fn within<T>(
    limit: Duration,
    call: impl Future<Output = kube::Result<T>>,
) -> Result<T, Said> {
    match tokio::time::timeout(limit, call).await {
        Ok(answer) => answer.map_err(Said::from),
        Err(_) => Err(Said::Unreached {
            message: format!("no answer after {} s", limit.as_secs()),
        }),
    }
}

/// Whether it may be another answer soon: nobody was there, or the server had trouble of its own.
fn passes(said: &Said) -> bool {
    match said {
        Said::Unreached { .. } => true,
        Said::Server { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_answer_is_not_waited_for() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let silence = std::future::pending::<kube::Result<()>>();
        let said = runtime.block_on(within(Duration::ZERO, silence));
        let said = said.unwrap_err();
        assert_eq!(said.to_string(), "no answer after 0 s");
        assert!(passes(&said));
    }
}
