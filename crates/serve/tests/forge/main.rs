//! The forges: a mock on loopback that speaks as GitHub, Gitea and GitLab do, and real repositories of Git. The mock is ours: it
//! shows what we do with answers, not that a forge answers so.

mod answers;
mod command;
mod deployment;
mod git;
mod mock;
mod model;
mod moods;
mod private;
mod report;
mod yard;
