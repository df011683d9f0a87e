//! `boatyard-init` seen from outside: as PID 1 of a real pid namespace, in a root file system of its own.
//!
//! The main processes are `sh` and `perl` (part of every Debian). Where the machine permits no namespaces, the tests
//! say `not run` and why.

mod beside;
#[path = "../../shipped/binary.rs"]
mod binary;
mod codes;
mod config;
mod container;
mod control;
mod cron;
mod environment;
mod from_app;
mod hooks;
mod http;
mod leftovers;
mod old_kernels;
mod other_processors;
mod outputs;
mod peers;
mod personas;
mod presets;
mod quiet;
mod roles;
mod running;
mod s2i;
mod schedules;
mod services;
mod shipped;
mod signals;
mod state;
mod syslog;
mod terminal;
mod together;
mod uwsgi;
mod wait_for;
mod who;
