//! Building what comes in.

use std::fs;
use std::io::{self, BufReader, Write as _};
use std::process::{Command, Stdio};

use boatyard_plan::failure::{Failure, Fault};
use boatyard_store::Store;
use serde_json::{Value, json};

use super::hearing;
use super::order::{self, Assignment};
use crate::home;
use crate::stopped::Stopped;

/// The sources could not be had, or nothing could be done with them.
#[derive(Debug, thiserror::Error)]
enum BuildError {
    #[error("cannot unpack the sources that came in")]
    Unpack { source: io::Error },
    #[error("cannot run our own command on them")]
    Run { source: io::Error },
    #[error("cannot tell what was built")]
    Built { source: io::Error },
}

impl Failure for BuildError {
    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn help(&self) -> Option<String> {
        matches!(self, Self::Unpack { .. })
            .then(|| "is there room on the builder's disk?".to_owned())
    }
}

/// Unpacks the sources, builds them by our own command as the order says, and tells what was built. It ends when who gave the order
/// is gone; what it leaves is swept by the next one.
pub fn run() -> Result<(), Stopped> {
    let mut input = BufReader::new(io::stdin());
    let order: Assignment = order::read(&mut input)?;
    // Not kept open: while it is nobody makes room in it.
    let scratch = Store::open(&home::open()?)?.scratch();
    let scratch = scratch?;
    let sources = scratch
        .new_dir("sources")
        .map_err(boatyard_store::StoreError::from)?;
    let unpacked = tar::Archive::new(&mut input).unpack(&sources);
    unpacked.map_err(|source| BuildError::Unpack { source })?;
    let built = scratch.path().join("built.json");
    let ran = |source| BuildError::Run { source };
    let mut child = Command::new(std::env::current_exe().map_err(ran)?)
        .args(["--leash", "--json"])
        .args(&order.words)
        .arg("--build-to")
        .arg(&built)
        .current_dir(&sources)
        .envs(&order.variables)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(ran)?;
    let leash = child.stdin.take();
    hearing::watch(input, move || drop(leash));
    let status = child.wait().map_err(ran)?;
    if !status.success() {
        // It has said why.
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        return Err(Stopped::Ended(code.unwrap_or(1)));
    }
    let told = |source| BuildError::Built { source };
    let text = fs::read_to_string(&built).map_err(told)?;
    let built: Value = serde_json::from_str(&text).map_err(|error| told(error.into()))?;
    writeln!(io::stdout(), "{}", json!({"built": built})).map_err(Stopped::from_writing)
}
