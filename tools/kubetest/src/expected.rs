//! What is not there, and whether that is a failure.

use std::env;

use crate::program;

/// Why there is no cluster.
pub enum Lack {
    /// This machine does not permit it, or the tests are not to have it: no fault anywhere.
    Refused(String),
    /// Something has not been installed or built.
    Absent(String),
    /// It is there and does not work.
    Broken(String),
}

impl Lack {
    /// Prints `not run: REASON`; the test is to return.
    ///
    /// # Panics
    ///
    /// If it is broken, or absent where it is expected: in CI (`CI=true`) with the program built.
    pub fn tell(&self) {
        match self {
            Self::Refused(reason) => println!("not run: {reason}"),
            Self::Absent(reason) => {
                assert!(!is_expected(), "expected here, in CI: {reason}");
                println!("not run: {reason}");
            }
            Self::Broken(reason) => panic!("{reason}"),
        }
    }
}

/// Whether tests that need a cluster have to run here: in CI, once the program is built.
#[must_use]
pub fn is_expected() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true") && program::find().is_ok()
}
