//! An error with what has led to it.

use std::error::Error;

/// The error with its causes in one line; a cause that only repeats what was said before is left out.
pub(crate) fn in_one_line(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut text = said.clone();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !said.contains(&message) {
            text = format!("{text}: {message}");
        }
        said = message;
        next = cause.source();
    }
    text
}
