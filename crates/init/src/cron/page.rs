//! What is answered over HTTP: `/metrics` for Prometheus, `/health` and `/` for probes.

use super::metric::{Reloads, metrics};
use super::scheduler::Scheduler;
use crate::http::{Head, head, response, words};

/// The whole answer to what was read so far; none while the request is not complete.
pub fn answer(request: &[u8], scheduler: &Scheduler, reloads: Reloads) -> Option<Vec<u8>> {
    Some(match head(request) {
        Head::Incomplete => return None,
        Head::Wanted("/metrics") => response(200, &metrics(scheduler, reloads)),
        Head::Wanted("/" | "/health") => response(200, "OK\n"),
        Head::Wanted(_) => words(404),
        Head::Posted(_) => words(405),
        Head::Refused(status) => words(status),
    })
}
