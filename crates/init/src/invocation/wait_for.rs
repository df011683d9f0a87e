//! `wait-for TARGET... [-- CMD...]` and its flag.

use std::ffi::OsString;
use std::time::Duration;

use super::flags::value;
use super::misuse::Misuse;
use crate::cron::parse_duration;
use crate::probe::Dependency;

/// How long is waited if nobody says.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What is waited for, and what is run then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitFor {
    /// How long, for all together.
    pub timeout: Duration,
    /// What has to be there; never empty.
    pub dependencies: Vec<Dependency>,
    /// What is run then, if anything is.
    pub words: Vec<OsString>,
}

/// Understands what follows `wait-for`.
pub(super) fn parse(words: Vec<OsString>) -> Result<WaitFor, Misuse> {
    let mut wait = WaitFor {
        timeout: TIMEOUT,
        dependencies: Vec::new(),
        words: Vec::new(),
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--timeout" {
            wait.timeout = value("--timeout", "a time such as 60s", words.next(), |text| {
                parse_duration(text)
            })?;
        } else if word == "--" {
            wait.words = super::verb::command("wait-for --", words.by_ref().collect())?;
        } else if word.to_str().is_some_and(|word| word.starts_with('-')) {
            return Err(Misuse::UnknownFlag { flag: word });
        } else {
            let takes = "tcp://HOST:PORT, http://HOST[:PORT][/PATH] or file:///PATH";
            let dependency = value("wait-for", takes, Some(word), Dependency::parse)?;
            wait.dependencies.push(dependency);
        }
    }
    if wait.dependencies.is_empty() {
        return Err(Misuse::Missing {
            verb: "wait-for",
            needs: "what to wait for",
        });
    }
    Ok(wait)
}
