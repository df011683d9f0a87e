//! What the image has: a contract or a Procfile, folders.

use std::io;

use boatyard_init::contract::{self, Contract};
use boatyard_init::environment::Environment;
use boatyard_init::hook::Layout;
use boatyard_init::{exit, procfile};

use super::say;

/// The contract of the image, else that of the Procfile in the current folder. What failed has been told; the error is
/// the exit code.
pub fn contract() -> Result<Option<Contract>, u8> {
    let path = contract::PATH;
    match std::fs::read(path) {
        Ok(bytes) => contract::parse(&bytes).map(Some).map_err(|broken| {
            say::warn(format_args!("cannot use the contract {path}: {broken}"));
            exit::CONFIG
        }),
        Err(error) if is_missing(&error) => procfile(),
        Err(error) => {
            say::warn(format_args!("cannot read the contract {path}: {error}"));
            Err(exit::CONFIG)
        }
    }
}

fn procfile() -> Result<Option<Contract>, u8> {
    let name = procfile::NAME;
    let text = match std::fs::read_to_string(name) {
        Ok(text) => text,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => {
            say::warn(format_args!("cannot read {name}: {error}"));
            return Err(exit::CONFIG);
        }
    };
    procfile::parse(&text).map(Some).map_err(|broken| {
        say::warn(format_args!("cannot use {name}: {broken}"));
        exit::CONFIG
    })
}

fn is_missing(error: &io::Error) -> bool {
    [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind())
}

/// Tells that there is no contract, and what can be done without; gives the exit code.
pub fn missing() -> u8 {
    let path = contract::PATH;
    say::warn(format_args!(
        "this image has no contract: there is no {path} and no Procfile here; run a command with \"exec -- CMD\""
    ));
    exit::CONFIG
}

/// The role that the environment names.
pub fn role(environment: &Environment) -> Option<String> {
    environment
        .get("ROLE")
        .map(|role| String::from_utf8_lossy(role).into_owned())
}

/// The folders of the application, which is in the current one.
pub fn layout(environment: &Environment, is_compatible: bool) -> Result<Layout, u8> {
    let current = std::env::current_dir().map_err(|error| {
        say::warn(format_args!("cannot tell the current folder: {error}"));
        exit::SYSTEM
    })?;
    let is_compatible = is_compatible || environment.get("BOATYARD_COMPAT") == Some(b"powershift");
    Ok(Layout::of(environment, &current, is_compatible))
}
