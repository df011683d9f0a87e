//! Who may.

use std::collections::{BTreeMap, BTreeSet};

use super::{Login, Role};

use crate::glob::Glob;
use crate::revision::Repository;

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// What somebody may who has not said who he is.
    pub anonymous: Anonymous,
    /// Who else there is.
    pub tokens: Vec<Token>,
    /// Where people log in, by the name that the file gives it.
    pub logins: BTreeMap<String, Login>,
    /// What those may who have logged in.
    pub roles: Vec<Role>,
}

/// What somebody may who has not said who he is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anonymous {
    /// Look at everything, and open environments.
    #[default]
    View,
    /// Nothing.
    None,
}

/// What one may do; each has those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Look.
    Read,
    /// Open environments, which wakes them.
    Use,
    /// Start, stop, reset, pin, approve, take away.
    Operate,
    /// All that, for everything.
    Admin,
}

impl Scope {
    /// All, by the word in the file.
    pub const ALL: [(&'static str, Self); 4] = [
        ("read", Self::Read),
        ("use", Self::Use),
        ("operate", Self::Operate),
        ("admin", Self::Admin),
    ];
}

/// Who runs the server is known by that name: nobody else has it.
pub const OPERATOR: &str = "operator";

/// Somebody, or a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who it is: what is written down with what he does.
    pub name: String,
    /// The SHA-256 digest of the token, in 64 small hexadecimal digits: the token itself is kept nowhere.
    pub sha256: String,
    /// What he may.
    pub scopes: BTreeSet<Scope>,
    /// In which repositories, by the name with or without the forge's; none: in all.
    pub repositories: Option<Vec<Glob>>,
}

impl Token {
    /// Whether it may do that there; `None`: something that belongs to no repository.
    pub fn may(&self, scope: Scope, repository: Option<&Repository>) -> bool {
        self.scopes.iter().any(|granted| *granted >= scope) && self.is_in(repository)
    }

    /// Whether it is of use there; `None`: for what belongs to no repository.
    pub fn is_in(&self, repository: Option<&Repository>) -> bool {
        match (&self.repositories, repository) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(globs), Some(repository)) => globs
                .iter()
                .any(|glob| glob.fits(&repository.name) || glob.fits(&repository.to_string())),
        }
    }
}
