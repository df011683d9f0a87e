//! Builds the static `boatyard-init` that this crate embeds.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

#[path = "../init/shipped/recipe.rs"]
mod recipe;

/// What it is built from, relative to the workspace.
const INPUTS: [&str; 6] = [
    "crates/init/src",
    "crates/init/Cargo.toml",
    "crates/init/shipped",
    "crates/pages",
    "Cargo.toml",
    "Cargo.lock",
];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for input in INPUTS {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(input).display()
        );
    }
    println!("cargo::rerun-if-changed=build.rs");

    let cargo = variable("CARGO");
    watch_compiler();
    let target = recipe::preferred(&variable("TARGET"));
    let out = PathBuf::from(variable("OUT_DIR"));
    let built = recipe::build(&workspace, cargo.as_ref(), &target, &folder(&out))
        .unwrap_or_else(|message| fail(&message));
    let binary = out.join("boatyard-init");
    if let Err(error) = fs::copy(&built, &binary) {
        fail(&format!(
            "cannot copy {} to {}: {error}",
            built.display(),
            binary.display()
        ));
    }
    println!("cargo::rustc-env=BOATYARD_INIT_BINARY={}", binary.display());
    println!("cargo::rustc-env=BOATYARD_INIT_TARGET={target}");
}

/// Where rustup installs it, a compiler keeps a list of the targets it has got: another one may be preferred.
fn watch_compiler() {
    let answer = Command::new(variable("RUSTC"))
        .args(["--print", "sysroot"])
        .output();
    let Ok(answer) = answer.map(|answer| String::from_utf8_lossy(&answer.stdout).into_owned())
    else {
        return;
    };
    let list = Path::new(answer.trim()).join("lib/rustlib/components");
    // A file that is missing would be one that always changes.
    if list.is_file() {
        println!("cargo::rerun-if-changed={}", list.display());
    }
}

/// `shipped-init` beside the folders of cargo's profile (`PROFILE/build/CRATE-HASH/out` is ours): the tests of
/// boatyard-init look there, and a build for clippy is one for the tests.
fn folder(out: &Path) -> PathBuf {
    out.ancestors().nth(3).unwrap_or(out).join("shipped-init")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(&format!("cargo did not set {name}")))
}

fn fail(message: &str) -> ! {
    println!("cargo::error={}", message.replace('\n', " "));
    eprintln!("{message}");
    exit(1)
}
