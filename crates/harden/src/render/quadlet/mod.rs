//! Units for Podman's Quadlet: systemd runs the project.
//!
//! ```text
//! Project + Options --run::plan--> processes --unit--> guestbook-web.container, guestbook.network, guestbook-postgres.volume,
//!                                  schedules --calendar--> guestbook-forget.timer + guestbook-forget.container
//! ```
//! Written for Podman 5.0 and later. A unit is started when its health check answers, so that the order of systemd is that of
//! the project.

mod calendar;
mod container;
mod project;
mod unit;

pub use project::{Options, render};
