//! How the `boatyard-init` is built that goes into images: by a cargo run of its own, with another profile (small), other
//! flags (static) and another target folder (so that it never waits for, or disturbs, the build it is part of).
//!
//! Part of the engine's build script, of the tests that run the file, and of `cargo xtask init`; with the same folder they
//! build it once.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its profile. Link-time optimisation and panics can only be set for a whole build, hence the separate run.
const PROFILE: [(&str, &str); 7] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
];

/// Static, and at a fixed address: a position-independent executable would be larger and start slower. No tables for
/// unwinding, since a panic aborts. Its first instruction blocks signals (`src/pid1/sys/entry.rs`); the linker script cannot say so
/// for all linkers: GNU's takes the entry of its own script.
const FLAGS: [&str; 5] = [
    "-Ctarget-feature=+crt-static",
    "-Crelocation-model=static",
    "-Cforce-unwind-tables=no",
    "-Clink-arg=-Wl,--entry=boatyard_start",
    // The path of the linker script follows.
    "-Clink-arg=-T",
];

/// Leaves out the tables that the libraries bring along, relative to the workspace.
const LINKER_SCRIPT: &str = "crates/init/shipped/init.ld";

/// Builds it for a target with the cargo given, in a target folder of its own; gives the file. The error says what failed
/// and what helps.
pub fn build(
    workspace: &Path,
    cargo: &OsStr,
    target: &str,
    folder: &Path,
) -> Result<PathBuf, String> {
    let mut cargo = Command::new(cargo);
    for (name, _) in env::vars_os() {
        if is_of_outer_build(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    let status = cargo
        .args([
            "build",
            "--quiet",
            "--release",
            "--package=boatyard-init",
            "--bin=boatyard-init",
        ])
        .arg(format!("--target={target}"))
        .arg("--manifest-path")
        .arg(workspace.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder)
        .envs(PROFILE)
        .envs(linker(target))
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace))
        .status()
        .map_err(|error| format!("cannot run cargo to build boatyard-init: {error}"))?;
    if status.success() {
        return Ok(folder.join(target).join("release/boatyard-init"));
    }
    if target.ends_with("-gnu") && !has_static_libc() {
        return Err(
            "boatyard-init is linked statically, and this machine has no static C library (libc.a)\n\
             help: install it: apt-get install libc6-dev (Debian, Ubuntu), dnf install glibc-static (Fedora)"
                .to_owned(),
        );
    }
    Err(format!(
        "the static build of boatyard-init for {target} failed ({status}); see above"
    ))
}

/// The compiler that links for another processor, as Debian and Fedora name it, if cargo is not told of one.
fn linker(target: &str) -> Option<(String, String)> {
    let (processor, system) = target.split_once('-')?;
    let variable = format!("CARGO_TARGET_{target}_LINKER").to_uppercase();
    let variable = variable.replace('-', "_");
    let is_other = processor != env::consts::ARCH && system == "unknown-linux-gnu";
    (is_other && env::var_os(&variable).is_none())
        .then(|| (variable, format!("{processor}-linux-gnu-gcc")))
}

/// Divided as cargo wants it, so that the path may hold spaces.
fn flags(workspace: &Path) -> String {
    let script = format!("-Clink-arg={}", workspace.join(LINKER_SCRIPT).display());
    let all: Vec<&str> = FLAGS.into_iter().chain([script.as_str()]).collect();
    all.join("\x1f")
}

/// Settings of the build that we are part of, and of the lint driver that may wrap its compiler: none may reach ours.
fn is_of_outer_build(name: &str) -> bool {
    const SETTINGS: [&str; 7] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTDOC",
        "CLIPPY_ARGS",
    ];
    const FAMILIES: [&str; 6] = [
        "CARGO_BUILD_",
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_UNSTABLE_",
    ];
    SETTINGS.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Asks the C compiler, which answers with the bare name where it does not find the file.
fn has_static_libc() -> bool {
    Command::new("cc")
        .arg("-print-file-name=libc.a")
        .output()
        .is_ok_and(|answer| answer.stdout.starts_with(b"/"))
}
