//! For tests from outside: the file that goes into images, which is what they run.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

#[path = "recipe.rs"]
pub mod recipe;

/// The file, built if it is not what the sources say; or the one that the variable `BOATYARD_INIT` names, for a build of
/// another kind.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match env::var_os("BOATYARD_INIT") {
        Some(path) => path.into(),
        None => build(&recipe::preferred(&host())),
    })
}

/// The file for a target, built if it is not what the sources say.
pub fn build(target: &str) -> PathBuf {
    // cargo's folder of the profile, where the engine's build script builds it too.
    let profile = Path::new(env!("CARGO_BIN_EXE_boatyard-init"));
    let folder = profile.with_file_name("shipped-init");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    recipe::build(&workspace, &cargo(), target, &folder)
        .unwrap_or_else(|message| panic!("{message}"))
}

/// The cargo that runs these tests.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or("cargo".into())
}

/// The target of this machine.
fn host() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let answer = Command::new(rustc).arg("-vV").output().unwrap().stdout;
    let answer = String::from_utf8(answer).unwrap();
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc -vV tells its host").to_owned()
}
