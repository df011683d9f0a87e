//! The build checks: what is allowed in a Dockerfile and yet probably not meant.
//!
//! ```text
//! check(&dockerfile, text, &facts) -> [StageNameCasing at 15..20: the stage name "Build" has capitals, ...]
//! ```
//! The rules, their names and what they find are those of `docker build --check`; `# check=skip=RULE;error=true` at the top
//! and `# check=skip=RULE` above an instruction are obeyed. Each file below holds one idea: the rules named in its first line.

mod casing;
mod command;
mod continuation;
mod copy;
mod description;
mod facts;
mod finding;
mod from;
mod port;
pub(in crate::dockerfile) mod remark;
mod rule;
mod scope;
mod secret;
mod settings;
mod stage;
mod variable;
mod visit;

pub use facts::Facts;
pub use finding::CheckFinding;
pub use rule::Rule;
pub(crate) use secret::is_secret;
pub use settings::{Settings, SettingsError};
pub use visit::check;
