//! The web side with a real keeper and its journal, a backend that follows a script, and an application that answers.

mod access;
mod api;
mod application;
mod backend;
mod browser;
mod chromium;
mod ending;
mod events;
mod hooks;
mod login;
mod logs;
mod page;
mod pictures;
mod proxy;
mod reply;
mod runboat;
mod schemathesis;
mod snapshots;
mod standby;
mod traces;
mod wake;
mod yard;
