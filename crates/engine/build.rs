//! Builds the static `boatyard-init` that this crate embeds, by a cargo run of its own: another profile (small), other
//! flags (static), another target folder (so that it never waits for, or disturbs, the build it is part of).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

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
/// unwinding, since a panic aborts.
const FLAGS: [&str; 4] = [
    "-Ctarget-feature=+crt-static",
    "-Crelocation-model=static",
    "-Cforce-unwind-tables=no",
    // The path of the linker script follows.
    "-Clink-arg=-T",
];

/// Leaves out the tables that the libraries bring along, relative to the workspace.
const LINKER_SCRIPT: &str = "crates/engine/init.ld";

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for input in [
        "crates/init/src",
        "crates/init/Cargo.toml",
        LINKER_SCRIPT,
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(input).display()
        );
    }
    println!("cargo::rerun-if-changed=build.rs");

    let target = variable("TARGET");
    let out = PathBuf::from(variable("OUT_DIR"));
    let built = build(&workspace, &target, &out.join("init-target"));
    let binary = out.join("boatyard-init");
    if let Err(error) = fs::copy(&built, &binary) {
        fail(&format!(
            "cannot copy {} to {}: {error}",
            built.display(),
            binary.display()
        ));
    }
    println!("cargo::rustc-env=BOATYARD_INIT_BINARY={}", binary.display());
}

fn build(workspace: &Path, target: &str, folder: &Path) -> PathBuf {
    let mut cargo = Command::new(variable("CARGO"));
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
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace))
        .status();
    match status {
        Ok(status) if status.success() => folder.join(target).join("release/boatyard-init"),
        Ok(status) => {
            if target.ends_with("-gnu") && !has_static_libc() {
                fail(
                    "boatyard-init is linked statically, and this machine has no static C library (libc.a)\n\
                     help: install it: apt-get install libc6-dev (Debian, Ubuntu), dnf install glibc-static (Fedora)",
                );
            }
            fail(&format!(
                "the static build of boatyard-init for {target} failed ({status}); see above"
            ))
        }
        Err(error) => fail(&format!("cannot run cargo to build boatyard-init: {error}")),
    }
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

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(&format!("cargo did not set {name}")))
}

fn fail(message: &str) -> ! {
    println!("cargo::error={}", message.replace('\n', " "));
    eprintln!("{message}");
    exit(1)
}
