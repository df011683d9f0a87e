//! `boatyard serve`: one environment for every branch and pull request, around the pure core in `preview`.
//!
//! ```text
//! forge, web --News, Ask--> Keeper --Order--> Backend      the keeper alone decides; it writes down before anything is done
//!                             ^ '--Change--> Feed --> web  what is different now
//!                             '-----Told----- Backend
//! ```

pub mod backend;
mod causes;
pub mod clock;
pub mod cluster;
pub mod feed;
pub mod forge;
mod git;
pub mod journal;
pub mod keeper;
mod lane;
pub mod local;
pub mod login;
pub mod logs;
pub mod server;
pub mod site;
mod sys;
pub mod trace;
pub mod trouble;
pub mod web;
