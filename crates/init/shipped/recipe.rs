//! How the `boatyard-init` is built that goes into images: by a cargo run of its own, with another profile (small), other
//! flags (static) and another target folder (so that it never waits for, or disturbs, the build it is part of).
//!
//! Part of the engine's build script, of the tests that run the file, and of `cargo xtask init`; with the same folder they
//! build it once. The bytes depend on the sources and the compiler, not on where either of them is.

use std::env;
use std::ffi::OsStr;
use std::fs;
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

/// What the workspace's release profile makes fast, of what is in it: here all is small.
const SMALL: [&str; 2] = [
    "--config=profile.release.package.memchr.opt-level='z'",
    "--config=profile.release.package.serde_json.opt-level='z'",
];

/// Static, and at a fixed address: a position-independent executable would be larger and start slower. No tables for
/// unwinding, since a panic aborts. Its first instruction blocks signals (`src/pid1/sys/entry.rs`); the linker script cannot say so
/// for all linkers: GNU's takes the entry of its own script.
const FLAGS: [&str; 5] = [
    "-Ctarget-feature=+crt-static",
    "-Crelocation-model=static",
    "-Cforce-unwind-tables=no",
    "-Clink-arg=-Wl,--entry=boatyard_start",
    // Leaves out the tables that the libraries bring along. Relative to the workspace, where cargo runs the compiler.
    "-Clink-arg=-Tcrates/init/shipped/init.ld",
];

/// The target that it is built for where `target` is wanted: the same with musl in the place of glibc, if the compiler has that
/// target's standard library. It starts sooner (a static glibc first asks the processor for its caches) and is smaller by a quarter.
pub fn preferred(target: &str) -> String {
    let musl = target.replace("-linux-gnu", "-linux-musl");
    if is_installed(&musl) {
        musl
    } else {
        target.to_owned()
    }
}

/// Whether the compiler has the standard library for a target and, with musl, that C library too: the linker of most systems
/// knows only theirs.
pub fn is_installed(target: &str) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let answer = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", target])
        .output();
    let Ok(answer) = answer.map(|answer| String::from_utf8_lossy(&answer.stdout).into_owned())
    else {
        return false;
    };
    let folder = Path::new(answer.trim());
    let is_std = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    };
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let has_libc = !target.contains("-musl") || folder.join("self-contained/crt1.o").is_file();
    files.map(|file| file.file_name()).any(|name| is_std(&name)) && has_libc
}

/// Builds it for this target with the cargo given, in a target folder of its own; gives the file. The error says what failed
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
        .args(SMALL)
        .arg(format!("--target={target}"))
        // The linker script is found from there.
        .current_dir(workspace)
        .arg("--target-dir")
        .arg(folder)
        .envs(PROFILE)
        .envs(linker(target))
        .env("CARGO_ENCODED_RUSTFLAGS", flags())
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
    let is_other = processor != env::consts::ARCH && system.starts_with("unknown-linux-");
    (is_other && env::var_os(&variable).is_none())
        .then(|| (variable, format!("{processor}-linux-gnu-gcc")))
}

/// Divided as cargo wants it, so that a path may hold spaces.
fn flags() -> String {
    let mut all: Vec<String> = FLAGS.map(str::to_owned).into();
    // Where crates of others lie is told by panics.
    if let Some(home) = cargo_home() {
        all.push(format!("--remap-path-prefix={}=/cargo", home.display()));
    }
    all.join("\x1f")
}

/// Where cargo keeps the sources of others.
fn cargo_home() -> Option<PathBuf> {
    let told = env::var_os("CARGO_HOME").map(PathBuf::from);
    told.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cargo")))
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
