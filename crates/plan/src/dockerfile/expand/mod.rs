//! Words of a Dockerfile with their variables filled in, as a shell would.
//!
//! ```text
//! $v ${v}                   the value, or nothing
//! ${v:-w} ${v-w}            w where v is empty or not set | is not set
//! ${v:+w} ${v+w}            w where v is neither           | is set
//! ${v:?w} ${v?w}            fails where v is empty or not set | is not set
//! ${v#p} ${v##p}            less what the pattern matches at the front, the shortest | the longest
//! ${v%p} ${v%%p}            the same at the end
//! ${v/p/r} ${v//p/r}        the first match replaced | all
//! 'as it is' "with $variables" \$
//! ```
//! Source: the Dockerfile reference, "Environment replacement", and what `BuildKit` does where that is silent. Patterns know
//! `*` and `?`, neither of which stands for a newline.

mod dollar;
mod lexer;
mod mistake;
mod pattern;
mod replace;
mod word;

pub use mistake::{Mistake, Problem};
pub use word::{Lookup, document, names, shown, word, words};
