//! A file of the user's in TOML, read so that every mistake is told at once and at its place.
//!
//! ```text
//! let document = document::table(text)?;            what is not TOML
//! let mut findings = Findings::of(&document);
//! let top = Section::new("", &document);
//! top.only(&["server", "limits"], &mut findings);   unknown keys, with suggestions
//! let port = top.integer("port", &mut findings);    none if absent or wrong; wrong is noted
//! let (_, mistakes) = findings.finish();            in the order of the text
//! ```

mod duration;
mod findings;
mod places;
mod section;
mod suggest;
mod syntax;

pub use duration::seconds;
pub use findings::{Findings, Part};
pub use places::{Place, Places};
pub use section::{Section, section, string, wrong_type};
pub use suggest::{nearest, suggestion};
pub use syntax::table;
