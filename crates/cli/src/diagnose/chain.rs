//! An error with its causes and its remedy, for people.

use std::error::Error;
use std::fmt::Write as _;

use boatyard_plan::failure::Failure;

use crate::colour::{ERROR, HELP, Paint};

/// How much of a message is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    All,
    /// The first line: what follows, lines of a program, has been shown already.
    FirstLines,
}

/// The error, its causes below it, and what to do:
///
/// ```text
/// error: cannot mount layer 3 of 7 at /x
///   because: operation not permitted
/// help: run "boatyard doctor"
/// ```
pub fn text(failure: &dyn Failure, detail: Detail, paint: Paint) -> String {
    let cut = |message: String| match detail {
        Detail::All => message,
        Detail::FirstLines => message.lines().next().unwrap_or_default().to_owned(),
    };
    let message = cut(failure.to_string());
    let mut text = format!("{} {message}\n", paint.paint(ERROR, "error:"));
    for cause in causes(failure).into_iter().map(cut) {
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

/// The error with its causes in one line, for what is told by the way.
pub fn in_one_line(failure: &dyn Failure) -> String {
    let causes = causes(failure).into_iter();
    causes.fold(failure.to_string(), |text, cause| {
        format!("{text}: {cause}")
    })
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
            text(&failure, Detail::All, Paint { on: false }),
            "error: cannot mount layer 3 of 7 at /x\n  because: mount refused\n  because: not permitted\n\
             help: run \"boatyard doctor\",\n      or use --snapshot=copy\n"
        );
    }
}
