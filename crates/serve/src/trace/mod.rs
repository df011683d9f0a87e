//! What takes how long, for programs that collect it: one trace for each environment.
//!
//! ```text
//! revision            from when it was heard of until it is prepared, or could not be
//!   hook              the delivery of the forge, until it was written down
//!   queued            until the order to prepare it
//!   prepare, start, stop, remove      until the backend has done it
//! ```
//! Source: OpenTelemetry protocol 1.x, OTLP/HTTP with JSON.

mod exporter;
mod span;

pub use exporter::Traces;
pub use span::{Span, hook, phase, revision};
