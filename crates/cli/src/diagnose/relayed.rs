//! What went wrong in another process of ours, as its [`super::machine`] line told it.

use std::error::Error;
use std::fmt;

use boatyard_plan::failure::{Failure, Fault};
use serde::Deserialize;

/// What went wrong in another process.
#[derive(Debug)]
pub struct Relayed {
    message: String,
    cause: Option<Box<Cause>>,
    help: Option<String>,
    fault: Fault,
}

#[derive(Debug)]
struct Cause {
    message: String,
    next: Option<Box<Cause>>,
}

#[derive(Deserialize)]
struct Line {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    message: String,
    #[serde(default)]
    causes: Vec<String>,
    help: Option<String>,
    exit_code: u8,
    #[serde(default)]
    diagnostics: Vec<Place>,
}

/// A mistake in a file, which that process has seen and we have not.
#[derive(Deserialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    message: String,
}

impl Relayed {
    /// The failure that a line tells, if it tells one.
    pub fn parse(line: &str) -> Option<Self> {
        let Line { error } = serde_json::from_str(line).ok()?;
        let places = error.diagnostics.into_iter().map(|place| {
            format!(
                "{}:{}:{}: {}",
                place.file, place.line, place.column, place.message
            )
        });
        let causes = places
            .chain(error.causes)
            .collect::<Vec<_>>()
            .into_iter()
            .rev();
        Some(Self {
            message: error.message,
            cause: causes.fold(None, |next, message| {
                Some(Box::new(Cause { message, next }))
            }),
            help: error.help,
            fault: match error.exit_code {
                1 => Fault::Work,
                2 => Fault::User,
                3 => Fault::Refused,
                _ => Fault::Bug,
            },
        })
    }
}

impl fmt::Display for Relayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Relayed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause.as_ref() as _)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.next.as_ref().map(|cause| cause.as_ref() as _)
    }
}

impl Failure for Relayed {
    fn fault(&self) -> Fault {
        self.fault
    }

    fn help(&self) -> Option<String> {
        self.help.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::machine;
    use crate::stopped::Stopped;

    #[test]
    fn what_one_process_tells_another_repeats() {
        let line = r#"{"error":{"message":"a","causes":["b","c"],"help":"h","exit_code":3}}"#;
        let relayed = Relayed::parse(line).unwrap();
        assert_eq!(machine::line(&Stopped::Failed(Box::new(relayed))), line);
        assert!(Relayed::parse(r#"{"event":"up","processes":1}"#).is_none());
    }
}
