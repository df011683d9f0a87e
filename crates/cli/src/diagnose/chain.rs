//! An error with its causes and its remedy, for people.

use std::error::Error;
use std::fmt::Write as _;

use boatyard_plan::failure::Failure;

use crate::colour::{ERROR, HELP, Paint};

/// The error, its causes below it, and what to do:
///
/// ```text
/// error: cannot mount layer 3 of 7 at /x
///   because: operation not permitted
/// help: run "boatyard doctor"
/// ```
pub fn text(failure: &dyn Failure, paint: Paint) -> String {
    let mut text = format!("{} {failure}\n", paint.paint(ERROR, "error:"));
    for cause in causes(failure) {
        let indented = cause.trim_end().replace('\n', "\n    ");
        let _ = writeln!(text, "  because: {indented}");
    }
    if let Some(help) = failure.help() {
        let indented = help.trim_end().replace('\n', "\n      ");
        let _ = writeln!(text, "{} {indented}", paint.paint(HELP, "help:"));
    }
    text
}

/// What the error's causes say, nearest first; a cause that only repeats what was said before is left out.
pub fn causes(failure: &dyn Failure) -> Vec<String> {
    let mut said = failure.to_string();
    let mut causes = Vec::new();
    let mut next: Option<&dyn Error> = failure.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !said.contains(&message) {
            causes.push(message.clone());
        }
        said = message;
        next = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use boatyard_plan::failure::Fault;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot mount layer 3 of 7 at /x")]
    struct Outer {
        source: Middle,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("mount refused")]
    struct Middle {
        source: std::io::Error,
    }

    impl Failure for Outer {
        fn fault(&self) -> Fault {
            Fault::Refused
        }

        fn help(&self) -> Option<String> {
            Some("run \"boatyard doctor\",\nor use --snapshot=copy".to_owned())
        }
    }

    #[test]
    fn message_causes_help() {
        let failure = Outer {
            source: Middle {
                source: std::io::Error::other("not permitted"),
            },
        };
        assert_eq!(
            text(&failure, Paint { on: false }),
            "error: cannot mount layer 3 of 7 at /x\n  because: mount refused\n  because: not permitted\n\
             help: run \"boatyard doctor\",\n      or use --snapshot=copy\n"
        );
    }
}
