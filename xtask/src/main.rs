//! Chores of the project.
//!
//! ```text
//! cargo xtask tidy               the invariants of ARCHITECTURE.md, checked; exit 1 and a list if one is broken
//! cargo xtask picture TITLE      a terminal's content on standard input, drawn as SVG on standard output
//! ```

use std::io::Read as _;
use std::process::ExitCode;

use xtask::finding::Finding;
use xtask::{picture, tidy};

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => Ok(report(&tidy::check(&tidy::workspace())?)),
        ["picture", title] => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            print!("{}", picture::draw(&text, title));
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!("usage: cargo xtask tidy\n       cargo xtask picture TITLE < TERMINAL > SVG");
            Ok(ExitCode::from(2))
        }
    }
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
