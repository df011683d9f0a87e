//! What is wrong in Dockerfiles, start scripts, Compose files and manifests, and how to mend it without touching the rest.
//!
//! PURE: no file system, processes, network, clock or randomness. Files arrive as texts, edits leave as texts.
//!
//! ```text
//! [Source] --Workspace::read--> documents with spans --check--> [Finding { rule, span, message, mend }]
//!                                                                   '--fix--> the same texts, mended
//! ```
//! One rule is one file in `rule/`, named by its id, as are its cases in `tests/rules/` and its page in docs/reference/rules.

pub mod baseline;
pub mod check;
pub mod compose;
pub mod conceal;
pub mod dockerfile;
pub mod edit;
pub mod finding;
mod fingerprint;
pub mod fix;
mod foreign;
pub mod format;
pub mod image;
pub mod kubernetes;
pub mod migration;
pub mod page;
pub mod place;
mod remark;
pub mod render;
pub mod report;
pub mod rule;
pub mod settings;
pub mod shell;
pub mod workspace;
pub mod yaml;
