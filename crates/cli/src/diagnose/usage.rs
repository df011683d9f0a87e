//! Wrong use of the command line, and help that was asked for.

use std::process::ExitCode;

use clap::error::ErrorKind;

/// Prints what clap has to say: help and version to standard output, everything else to standard error.
pub fn usage(refusal: &clap::Error) -> ExitCode {
    // A closed stream changes nothing: the exit code still speaks.
    let _ = refusal.print();
    match refusal.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}
