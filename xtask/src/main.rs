//! Chores of the project.
//!
//! ```text
//! cargo xtask tidy      the invariants of ARCHITECTURE.md, checked; exit 1 and a list if one is broken
//! ```

use std::process::ExitCode;

use xtask::finding::Finding;
use xtask::tidy;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments != ["tidy"] {
        eprintln!("usage: cargo xtask tidy");
        return Ok(ExitCode::from(2));
    }
    Ok(report(&tidy::check(&tidy::workspace())?))
}

fn report(findings: &[Finding]) -> ExitCode {
    for finding in findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy");
        return ExitCode::SUCCESS;
    }
    println!("{} to mend", findings.len());
    ExitCode::FAILURE
}
