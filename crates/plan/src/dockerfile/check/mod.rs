//! The build checks: what is allowed in a Dockerfile and yet probably not meant.
//!
//! ```text
//! check(&dockerfile, text, excluded) -> [StageNameCasing at 12..17: the stage name "Build" has capitals, ...]
//! ```
//! The rules, their names and what they find are those of `docker build --check`; `# check=skip=RULE;error=true` at the top
//! and `# check=skip=RULE` above an instruction are obeyed.

mod rule;
mod settings;

pub use rule::Rule;
pub use settings::{Settings, SettingsError};
