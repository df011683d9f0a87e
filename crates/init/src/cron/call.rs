//! How `cron` was called. Its flags are those of supercronic and some more, with one dash or two, `-flag=value` or
//! `-flag value`, as Go's programs have them.

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::day::Stars;
use super::duration;
use super::record::Format;
use super::rules::Rules;

/// supercronic's port for metrics.
const PORT: u16 = 9746;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Call {
    /// The crontab; none: the schedules of the contract.
    pub file: Option<PathBuf>,
    /// Only tell whether the crontab is right.
    pub check: bool,
    /// Tell no more than warnings.
    pub quiet: bool,
    /// Tell everything.
    pub debug: bool,
    /// How records are written.
    pub format: Format,
    /// Warnings and errors go to standard error, the rest to standard output; else all to standard error.
    pub split: bool,
    /// Jobs write to init's own output.
    pub passthrough: bool,
    /// Look at the file when it changes.
    pub watch: bool,
    /// Where metrics are served.
    pub listen: Option<SocketAddr>,
    /// Rules of jobs without their own.
    pub rules: Rules,
    /// How day and weekday go together.
    pub stars: Stars,
    /// Time between a stop and the exit; none: that of the environment.
    pub grace: Option<Duration>,
    /// Say the version.
    pub version: bool,
    /// Say the usage.
    pub help: bool,
    /// Do as supercronic where `cron` does otherwise: every time a job is due while it runs is told, not one in a minute; only
    /// the first request to stop counts (`timeout` sends two).
    pub is_supercronic: bool,
}

/// What is wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// No such flag.
    Unknown(String),
    /// A flag of supercronic that needs what we do not have.
    Refused(String),
    /// A flag without its value, or with a wrong one.
    Value {
        /// The flag.
        flag: String,
        /// What it takes.
        takes: &'static str,
        /// What was there.
        found: String,
    },
    /// No crontab where one is needed.
    NoFile,
    /// More than one.
    TooMany(OsString),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(flag) => write!(f, "unknown flag {flag}"),
            Self::Refused(flag) => write!(
                f,
                "{flag} is not supported: there is no Sentry client here; collect the log lines of level=error instead"
            ),
            Self::Value { flag, takes, found } => write!(f, "{flag} takes {takes}, not {found:?}"),
            Self::NoFile => f.write_str("a crontab is needed"),
            Self::TooMany(word) => write!(f, "one crontab at a time, not {:?} too", word.display()),
        }
    }
}

impl std::error::Error for Misuse {}

/// The usage of `cron`.
pub const HELP: &str = "\
usage: boatyard-init cron [FLAGS] [FILE]    run the jobs of a crontab, or the schedules of the contract

flags:
  -check, -test             tell whether the crontab is right, and run nothing
  -quiet, -debug            tell less, tell more
  -json                     log JSON
  -split-logs               log warnings and errors to standard error, the rest to standard output
  -passthrough-logs         let jobs write to our output as they are
  -overlap POLICY           forbid (default), allow, queue or replace; -overlapping is allow
  -splay TIME               start each run late by a random time up to TIME
  -timeout TIME             end runs that take longer
  -retries N                try failed runs again, N times at most
  -retry-delay TIME         after TIME, doubled each time (default 10s)
  -grace TIME               stop within TIME (default $STOP_GRACE, else 25s)
  -no-watch                 do not look at the file when it changes
  -vixie-star               read */N in a day field as Vixie's cron does
  -prometheus-listen-address ADDRESS, -listen ADDRESS    serve /metrics and /health
";

/// Understands the words after `cron`.
pub fn parse(words: Vec<OsString>) -> Result<Call, Misuse> {
    let mut call = Call {
        file: None,
        check: false,
        quiet: false,
        debug: false,
        format: Format::Text,
        split: false,
        passthrough: false,
        watch: true,
        listen: None,
        rules: Rules::default(),
        stars: Stars::Alone,
        grace: None,
        version: false,
        help: false,
        is_supercronic: false,
    };
    let mut words = words.into_iter();
    let mut only_files = false;
    while let Some(word) = words.next() {
        let text = word.to_str().unwrap_or_default();
        let flag = text
            .strip_prefix("--")
            .or_else(|| text.strip_prefix('-'))
            .filter(|_| text != "-");
        match flag {
            Some("") if !only_files => only_files = true,
            Some(flag) if !only_files => {
                let (name, value) = flag
                    .split_once('=')
                    .map_or((flag, None), |(name, value)| (name, Some(value)));
                call.flag(name, value, &mut words)?;
            }
            _ if call.file.is_none() => call.file = Some(PathBuf::from(word)),
            _ => return Err(Misuse::TooMany(word)),
        }
    }
    Ok(call)
}

/// Understands the words after `supercronic`: a crontab has to be there, and it looks at the file only if asked to.
pub fn supercronic(words: Vec<OsString>) -> Result<Call, Misuse> {
    let asks = |name: &str| {
        words.iter().any(|word| {
            word.to_str()
                .is_some_and(|word| word.trim_start_matches('-') == name)
        })
    };
    let watch = asks("inotify");
    let mut call = parse(words)?;
    call.watch = watch;
    call.is_supercronic = true;
    if call.file.is_none() && !call.version && !call.help {
        return Err(Misuse::NoFile);
    }
    Ok(call)
}

impl Call {
    fn flag(
        &mut self,
        name: &str,
        value: Option<&str>,
        words: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), Misuse> {
        let switch = match name {
            "check" | "test" => Some(&mut self.check),
            "quiet" => Some(&mut self.quiet),
            "debug" => Some(&mut self.debug),
            "split-logs" => Some(&mut self.split),
            "passthrough-logs" => Some(&mut self.passthrough),
            "version" => Some(&mut self.version),
            "help" | "h" => Some(&mut self.help),
            "inotify" => Some(&mut self.watch),
            _ => None,
        };
        if let Some(switch) = switch {
            *switch = boolean(name, value)?;
            return Ok(());
        }
        match name {
            "json" => {
                self.format = if boolean(name, value)? {
                    Format::Json
                } else {
                    Format::Text
                }
            }
            "no-watch" => self.watch = !boolean(name, value)?,
            "vixie-star" => {
                self.stars = if boolean(name, value)? {
                    Stars::Vixie
                } else {
                    Stars::Alone
                }
            }
            "overlapping" => {
                let policy = if boolean(name, value)? {
                    "overlap=allow"
                } else {
                    "overlap=forbid"
                };
                self.rule(name, policy, "")?;
            }
            // We reap whatever we are asked: a PID 1 that does not is of no use.
            "no-reap" => drop(boolean(name, value)?),
            "sentry-dsn" | "sentryDsn" | "sentry-environment" | "sentry-release" => {
                return Err(Misuse::Refused(format!("-{name}")));
            }
            "overlap" | "splay" | "timeout" | "retries" | "retry-delay" => {
                let value = needed(name, value, words)?;
                self.rule(name, &format!("{name}={value}"), &value)?;
            }
            "grace" => {
                let found = needed(name, value, words)?;
                let grace = duration::parse(&found);
                self.grace = Some(grace.ok_or_else(|| wrong(name, "a time such as 25s", &found))?);
            }
            "prometheus-listen-address" | "listen" => {
                let found = needed(name, value, words)?;
                let address = address(&found);
                self.listen = Some(address.ok_or_else(|| {
                    wrong(name, "a numeric address and port, as 0.0.0.0:9746", &found)
                })?);
            }
            _ => return Err(Misuse::Unknown(format!("-{name}"))),
        }
        Ok(())
    }

    fn rule(&mut self, flag: &str, setting: &str, found: &str) -> Result<(), Misuse> {
        self.rules.set(setting).map_err(|_| {
            let takes = match flag {
                "overlap" => "forbid, allow, queue or replace",
                "retries" => "a number",
                _ => "a time such as 30s",
            };
            wrong(flag, takes, found)
        })
    }
}

fn wrong(flag: &str, takes: &'static str, found: &str) -> Misuse {
    Misuse::Value {
        flag: format!("-{flag}"),
        takes,
        found: found.to_owned(),
    }
}

fn boolean(name: &str, value: Option<&str>) -> Result<bool, Misuse> {
    match value {
        None | Some("true" | "1" | "t") => Ok(true),
        Some("false" | "0" | "f") => Ok(false),
        Some(found) => Err(wrong(name, "true or false", found)),
    }
}

fn needed(
    name: &str,
    value: Option<&str>,
    words: &mut impl Iterator<Item = OsString>,
) -> Result<String, Misuse> {
    let value = value.map(OsString::from).or_else(|| words.next());
    let value = value.ok_or_else(|| wrong(name, "a value", ""))?;
    value
        .into_string()
        .map_err(|value| wrong(name, "text", &value.to_string_lossy()))
}

/// `HOST:PORT`, `HOST` or `:PORT`, the host numeric or `localhost`: there is no resolver in a static program.
fn address(text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let host = |host: &str| match host {
        "" => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        numeric => numeric.parse().ok(),
    };
    match text.rsplit_once(':') {
        Some((name, port)) if text.parse::<IpAddr>().is_err() => {
            Some(SocketAddr::new(host(name)?, port.parse().ok()?))
        }
        _ => Some(SocketAddr::new(host(text)?, PORT)),
    }
}
