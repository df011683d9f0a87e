//! What a program of `exec.d` writes: TOML whose values are all strings (Buildpack API, "exec.d").

use std::collections::BTreeMap;
use std::fmt;

use super::strings::{self, Mistake};

/// Why it cannot be used.
#[derive(Debug)]
pub enum Unusable {
    /// Not UTF-8.
    Encoding,
    /// Not TOML with strings.
    Syntax {
        /// Where, counted from 1.
        line: usize,
        /// Why.
        mistake: Mistake,
    },
    /// A name or a value that no environment can hold.
    Variable {
        /// The name.
        name: String,
    },
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("what it wrote is not UTF-8"),
            Self::Syntax { line, mistake } => write!(
                f,
                "what it wrote is not TOML with names and strings: line {line}: {mistake}"
            ),
            Self::Variable { name } => write!(f, "no environment can hold the variable {name:?}"),
        }
    }
}

impl std::error::Error for Unusable {}

/// The variables, sorted by name.
pub fn variables(written: &[u8]) -> Result<BTreeMap<String, String>, Unusable> {
    let text = str::from_utf8(written).map_err(|_| Unusable::Encoding)?;
    let variables =
        strings::read(text).map_err(|(line, mistake)| Unusable::Syntax { line, mistake })?;
    for (name, value) in &variables {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(Unusable::Variable { name: name.clone() });
        }
    }
    Ok(variables)
}
