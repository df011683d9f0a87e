//! The Debian releases that a base can be made from.

/// A Debian release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Code name, e.g. `bookworm`.
    pub name: &'static str,
    /// Number of the release, e.g. `12`.
    pub number: &'static str,
    /// The Python that `python3` is there, e.g. `3.11`.
    pub python: &'static str,
}

/// The known releases, oldest first. Source: packages.debian.org, `python3` of each.
pub const SUITES: [Suite; 2] = [
    Suite {
        name: "bookworm",
        number: "12",
        python: "3.11",
    },
    Suite {
        name: "trixie",
        number: "13",
        python: "3.13",
    },
];
