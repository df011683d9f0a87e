//! A program that the configuration names to say who we are: what it says when it does not.

use std::error::Error;
use std::process::Output;

use kube::client::AuthError;

/// How its failures begin.
pub const PROGRAM: &str = "the program that says who we are";
/// What to do about them.
pub const HELP: &str = "\"kubectl config view --minify\" shows which program that is: run it by hand, its login may be over";
/// More of what it says is left out.
const LONGEST: usize = 300;

/// Why such a program has not said it, if that is what `error` comes from. Its own words are for people; what it printed besides and the
/// variables that it has are not, and `kube` shows both.
pub fn failure(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        match error.downcast_ref() {
            Some(AuthError::AuthExecRun { out, .. }) => return Some(ended(out)),
            Some(AuthError::AuthExecStart(why)) => {
                return Some(format!("{PROGRAM} cannot be started: {why}"));
            }
            Some(AuthError::AuthExecParse(_)) => {
                return Some(format!("{PROGRAM} printed something else"));
            }
            _ => next = error.source(),
        }
    }
    None
}

fn ended(out: &Output) -> String {
    let said = String::from_utf8_lossy(&out.stderr);
    let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(LONGEST).collect();
    let colon = if said.is_empty() { "" } else { ": " };
    format!("{PROGRAM} has ended with {}{colon}{said}", out.status)
}
