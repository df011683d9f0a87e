//! How `config` was called.

use std::ffi::OsString;
use std::fmt;

use super::dump::Form;

/// Where files are looked for if nobody says.
const FOLDER: &str = "/config/app";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Files, folders and patterns, the ones that win last.
    pub sources: Vec<String>,
    /// Namespace of variables; none: that of the environment, if it has one.
    pub namespace: Option<String>,
    /// What to do.
    pub task: Task,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Show all of it.
    Dump(Form),
    /// Show one value.
    Get(String),
    /// Tell what is wrong or may be.
    Check,
    /// Fill in a template, to a file or to standard output.
    Render {
        /// A file, or the name of a template that init brings.
        template: String,
        /// The file to write.
        output: Option<String>,
    },
    /// Tell the usage.
    Help,
}

/// What is wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// No such flag.
    Unknown(String),
    /// A flag or a verb lacks what follows it.
    Missing(String),
    /// A word too many.
    TooMany(String),
    /// No such verb.
    Verb(String),
    /// Not UTF-8.
    NotText,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(flag) => write!(f, "unknown flag {flag}"),
            Self::Missing(word) => write!(f, "{word} needs a value"),
            Self::TooMany(word) => write!(f, "{word:?} is one word too many"),
            Self::Verb(word) => write!(f, "config does not know {word:?}"),
            Self::NotText => f.write_str("config takes text in UTF-8"),
        }
    }
}

impl std::error::Error for Misuse {}

/// The usage of `config`.
pub const HELP: &str = "\
usage: boatyard-init config dump [--origin] [--json] [--secrets]    all values, secrets masked
       boatyard-init config get SECTION.KEY                        one value; exit code 1 if there is none
       boatyard-init config check                                  what is wrong, and what may be
       boatyard-init config render TEMPLATE [-o FILE]              fill in a file, or nginx.conf or uwsgi.ini of ours

flags:
  --config SOURCE     a file, folder or pattern; several are layers, the last wins (default /config/app)
  --namespace NS      variables NS_SECTION_KEY win, and NS_CONFIG is one more source (default $CONFIG_NAMESPACE)
";

/// Understands the words after `config`.
pub fn parse(words: Vec<OsString>) -> Result<Call, Misuse> {
    let mut call = Call {
        sources: Vec::new(),
        namespace: None,
        task: Task::Help,
    };
    let (mut form, mut output, mut plain) = (Form::default(), None, Vec::new());
    let mut words = words
        .into_iter()
        .map(|word| word.into_string().map_err(|_| Misuse::NotText));
    while let Some(word) = words.next().transpose()? {
        let mut value = || {
            words
                .next()
                .transpose()?
                .ok_or_else(|| Misuse::Missing(word.clone()))
        };
        match word.as_str() {
            "--origin" => form.origin = true,
            "--json" => form.json = true,
            "--secrets" => form.secrets = true,
            "--config" => call.sources.push(value()?),
            "--namespace" => call.namespace = Some(value()?),
            "-o" | "--output" => output = Some(value()?),
            "-h" | "--help" => return Ok(call),
            flag if flag.starts_with('-') => return Err(Misuse::Unknown(word)),
            _ => plain.push(word),
        }
    }
    if call.sources.is_empty() {
        call.sources.push(FOLDER.to_owned());
    }
    let mut plain = plain.into_iter();
    let verb = plain
        .next()
        .ok_or_else(|| Misuse::Missing("config".to_owned()))?;
    let mut argument = || plain.next().ok_or_else(|| Misuse::Missing(verb.clone()));
    call.task = match verb.as_str() {
        "dump" => Task::Dump(form),
        "get" => Task::Get(argument()?),
        "check" => Task::Check,
        "render" => Task::Render {
            template: argument()?,
            output,
        },
        _ => return Err(Misuse::Verb(verb)),
    };
    plain
        .next()
        .map_or(Ok(call), |word| Err(Misuse::TooMany(word)))
}
