//! What is logged: one line for each record, as supercronic writes them, as text or JSON.
//!
//! ```text
//! time="2024-01-01T00:00:00Z" level=info msg=starting iteration=0 job.command="flask sync" job.position=0 job.schedule="* * * * *"
//! {"channel":"stdout","iteration":0,"job.command":"flask sync",..,"level":"info","msg":"done","time":"2024-01-01T00:00:01Z"}
//! ```

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::scheduler::{About, Note};

/// How important a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the curious.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warning,
    /// What failed.
    Error,
}

/// Where a line of a job came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
}

/// How records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `key=value` on a line.
    #[default]
    Text,
    /// An object on a line.
    Json,
}

/// One record.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// When.
    pub time: Timestamp,
    /// How important.
    pub level: Level,
    /// What.
    pub message: &'a str,
    /// Where it came from, if from a job.
    pub channel: Option<Channel>,
    /// Of which run.
    pub about: Option<&'a About>,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Note {
    /// How important it is.
    pub fn level(&self) -> Level {
        match self {
            Self::Next { .. } => Level::Debug,
            Self::Starting { .. } | Self::Succeeded | Self::Queued | Self::Retrying { .. } => {
                Level::Info
            }
            Self::Failed(_) => Level::Error,
            _ => Level::Warning,
        }
    }
}

impl Record<'_> {
    /// The line, with its end.
    pub fn line(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => self.json(),
        }
    }

    fn time(&self) -> String {
        let time = TimeZone::UTC.to_datetime(self.time);
        let (date, time) = (time.date(), time.time());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }

    fn channel(&self) -> Option<&'static str> {
        self.channel.map(|channel| match channel {
            Channel::Stdout => "stdout",
            Channel::Stderr => "stderr",
        })
    }

    fn text(&self) -> String {
        let mut line = format!(
            "time=\"{}\" level={} msg={}",
            self.time(),
            self.level.name(),
            quoted(self.message)
        );
        if let Some(channel) = self.channel() {
            let _ = write!(line, " channel={channel}");
        }
        if let Some(about) = self.about {
            let _ = write!(
                line,
                " iteration={} job.command={} job.position={} job.schedule={}",
                about.iteration,
                quoted(&about.command),
                about.position,
                quoted(&about.schedule)
            );
        }
        line.push('\n');
        line
    }

    fn json(&self) -> String {
        let mut object = serde_json::Map::new();
        object.insert("time".into(), self.time().into());
        object.insert("level".into(), self.level.name().into());
        object.insert("msg".into(), self.message.into());
        if let Some(channel) = self.channel() {
            object.insert("channel".into(), channel.into());
        }
        if let Some(about) = self.about {
            object.insert("iteration".into(), about.iteration.into());
            object.insert("job.command".into(), (*about.command).into());
            object.insert("job.position".into(), about.position.into());
            object.insert("job.schedule".into(), (*about.schedule).into());
        }
        serde_json::Value::Object(object).to_string() + "\n"
    }
}

/// As it is, if it is a plain word; else in quotes, with what could end the line escaped.
fn quoted(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/@^+".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            char if char.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}
