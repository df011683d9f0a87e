//! A Procfile: the roles of an image that has no contract.
//!
//! ```text
//! web: gunicorn -b 0.0.0.0:$PORT app:app
//! worker: celery -A app worker
//! ```

use std::collections::BTreeMap;
use std::fmt;

use crate::contract::{Command, Contract, Role, Stop, VERSION};
use crate::preset;

/// The file's name, in the folder of the application.
pub const NAME: &str = "Procfile";

/// The role that is started where none is named, if there is one of this name.
const DEFAULT_ROLE: &str = "web";

/// Why a Procfile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A line that is not `NAME: COMMAND`.
    Line {
        /// The line, from 1.
        line: usize,
    },
    /// Two lines for one role.
    Twice {
        /// The line of the second, from 1.
        line: usize,
        /// The role.
        role: String,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line } => write!(f, "line {line} is not of the form NAME: COMMAND"),
            Self::Twice { line, role } => write!(f, "line {line} names the role {role:?} again"),
        }
    }
}

impl std::error::Error for Broken {}

/// The contract that a Procfile stands for. Roles are stopped as their programs want it.
pub fn parse(text: &str) -> Result<Contract, Broken> {
    let mut roles = BTreeMap::new();
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (name, command) = text
            .split_once(':')
            .map(|(name, command)| (name.trim(), command.trim()))
            .filter(|(name, command)| is_name(name) && !command.is_empty())
            .ok_or(Broken::Line { line })?;
        let role = name.to_owned();
        if roles.insert(role.clone(), of(command)).is_some() {
            return Err(Broken::Twice { line, role });
        }
    }
    let default_role = roles
        .contains_key(DEFAULT_ROLE)
        .then(|| DEFAULT_ROLE.to_owned());
    Ok(Contract {
        image_env: BTreeMap::new(),
        version: VERSION,
        project: String::new(),
        service: String::new(),
        default_role,
        roles,
        jobs: BTreeMap::new(),
        schedules: BTreeMap::new(),
    })
}

fn of(command: &str) -> Role {
    let command = Command::Line(command.to_owned());
    let preset = preset::of(&command);
    Role {
        command,
        stop: Stop {
            signal: preset.signal.to_string(),
            target: preset.target,
            ..Stop::default()
        },
        port: None,
        ready: None,
        env: BTreeMap::new(),
        supervise: None,
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c == '_' || c == '-' || c.is_ascii_alphanumeric();
    !name.is_empty() && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_their_stop() {
        let contract =
            parse("# types\nweb: nginx -g 'daemon off;'\r\n\n my-worker:celery -A a:b worker\n")
                .unwrap();
        let told: Vec<String> = contract
            .roles
            .iter()
            .map(|(name, role)| format!("{name} {:?} {}", role.command, role.stop.signal))
            .collect();
        assert_eq!(
            told,
            [
                "my-worker Line(\"celery -A a:b worker\") TERM",
                "web Line(\"nginx -g 'daemon off;'\") QUIT"
            ]
        );
        assert_eq!(contract.default_role.as_deref(), Some("web"));
        assert_eq!(parse("beat: x").unwrap().default_role, None);
    }

    #[test]
    fn mistakes() {
        for (text, told) in [
            ("web", "line 1 is not of the form NAME: COMMAND"),
            ("\nweb:", "line 2 is not of the form NAME: COMMAND"),
            ("we b: x", "line 1 is not of the form NAME: COMMAND"),
            ("web: x\nweb: y", "line 2 names the role \"web\" again"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), told);
        }
    }
}
