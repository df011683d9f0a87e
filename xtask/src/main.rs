//! Chores of the project.
//!
//! ```text
//! cargo xtask tidy               the invariants of ARCHITECTURE.md, checked; exit 1 and a list if one is broken
//! cargo xtask test [SECONDS]     all tests, three programs at once; what still runs after so long is ended
//! cargo xtask init [TARGET]      boatyard-init as it goes into images, built; its path on standard output
//! cargo xtask picture TITLE      a terminal's content on standard input, drawn as SVG on standard output
//! ```

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context as _;

use xtask::finding::Finding;
use xtask::{picture, test, tidy};

#[path = "../../crates/init/shipped/recipe.rs"]
mod recipe;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => Ok(report(&tidy::check(&tidy::workspace())?)),
        ["test"] => Ok(code(test::run(&tidy::workspace(), None)?)),
        ["test", seconds] if seconds.parse::<u64>().is_ok() => {
            let limit = Duration::from_secs(seconds.parse()?);
            Ok(code(test::run(&tidy::workspace(), Some(limit))?))
        }
        ["init", target @ ..] if target.len() <= 1 => {
            println!("{}", init(target.first().copied())?.display());
            Ok(ExitCode::SUCCESS)
        }
        ["picture", title] => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            print!("{}", picture::draw(&text, title));
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprintln!(
                "usage: cargo xtask tidy\n       cargo xtask test [SECONDS]\n       cargo xtask init [TARGET]\n       cargo xtask picture TITLE < TERMINAL > SVG"
            );
            Ok(ExitCode::from(2))
        }
    }
}

/// Builds `boatyard-init` as images get it: for a target, or what is preferred for this machine.
fn init(target: Option<&str>) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let answer = Command::new("rustc").arg("-vV").output()?.stdout;
    let answer = String::from_utf8(answer)?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc -vV does not tell its host")?;
    let workspace = tidy::workspace();
    let built = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    let folder = workspace.join(built).join("release/shipped-init");
    let target = target.map_or_else(|| recipe::preferred(host), str::to_owned);
    recipe::build(&workspace, &cargo, &target, &folder).map_err(anyhow::Error::msg)
}

fn code(has_passed: bool) -> ExitCode {
    ExitCode::from(u8::from(!has_passed))
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
