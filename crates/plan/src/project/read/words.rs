//! The words of the file: names, paths, durations, signals. Each check answers with what is wrong and how to mend it.

use crate::document::{Findings, Part, Section, suggestion};
use boatyard_init::cron::{Schedule, Stars};

/// Notes a name that is not a DNS label: names become host names, image names and names on a cluster. The name is the
/// `part` of the entry at `path`.
pub(super) fn name(what: &str, name: &str, part: Part, path: &str, findings: &mut Findings) {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let reason = if name.is_empty() {
        "it is empty"
    } else if name.len() > 63 {
        "it is longer than 63 characters"
    } else if !name.bytes().all(fits) {
        "only lower-case letters, digits and - are allowed"
    } else if name.starts_with('-') || name.ends_with('-') {
        "it may not begin or end with -"
    } else {
        return;
    };
    let lower = name.to_lowercase();
    let mended: String = lower
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let mended = mended.trim_matches('-');
    let help = (name.is_ascii() && !mended.is_empty() && mended.len() <= 63)
        .then(|| format!("for example \"{mended}\""));
    findings
        .part(
            part,
            path,
            format!("\"{name}\" cannot be the name of a {what}: {reason}"),
        )
        .with_label("names become host names and image names")
        .with_suggestion(help);
}

/// Notes a path that is not below the project's folder. Answers it without `./` and a slash at its end.
pub(super) fn relative(what: &str, text: &str, path: &str, findings: &mut Findings) -> String {
    let (message, help) = if text.is_empty() {
        (
            format!("{what} names no path"),
            "write a path relative to boatyard.toml, or \".\" for all of it",
        )
    } else if text.starts_with('/') {
        (
            format!("{what} has the absolute path {text}"),
            "write it relative to boatyard.toml",
        )
    } else if text.split('/').any(|part| part == "..") {
        (
            format!("{what} has the path {text}, which leaves the project"),
            "move it into the project's folder",
        )
    } else if text.contains('\0') {
        (format!("{what} has a path with a zero byte"), "remove it")
    } else {
        let parts: Vec<&str> = text
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        return if parts.is_empty() {
            ".".to_owned()
        } else {
            parts.join("/")
        };
    };
    findings
        .value(path, message)
        .with_label("must be inside the project")
        .with_help(help);
    text.to_owned()
}

/// Notes a path that is not absolute and plain. Answers it without a slash at its end.
pub(super) fn absolute(what: &str, text: &str, path: &str, findings: &mut Findings) -> String {
    let plain = text.starts_with('/')
        && !text.contains('\0')
        && !text.split('/').any(|part| matches!(part, "." | ".."));
    if !plain {
        findings
            .value(
                path,
                format!("{what} is \"{text}\", expected an absolute path without . and .."),
            )
            .with_label("a path in the image")
            .with_help("for example \"/app\"");
    }
    match text.trim_end_matches('/') {
        "" => "/".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// Notes what cannot be the name of a variable, or a value with a zero byte.
pub(super) fn variable(name: &str, value: &str, path: &str, findings: &mut Findings) {
    let starts = name
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if !starts || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        findings
            .key(
                path,
                format!("\"{name}\" cannot be the name of an environment variable"),
            )
            .with_label("letters, digits and _ only, no digit first");
    }
    if value.contains('\0') {
        findings
            .value(path, format!("the value of {name} has a zero byte"))
            .with_label("cannot be passed to a process");
    }
}

/// Notes what cannot be the name of a Debian package (Debian policy, 5.6.1). The name is the `part` of the entry at `path`.
pub(super) fn package(text: &str, part: Part, path: &str, findings: &mut Findings) {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    let starts = text
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if text.len() >= 2 && starts && text.bytes().all(fits) {
        return;
    }
    let help = match text.split_once(['=', ':', '/']) {
        Some((bare, _)) if !bare.is_empty() => {
            format!("versions and architectures cannot be chosen: write \"{bare}\"")
        }
        _ => "lower-case letters, digits and + - ., at least two characters".to_owned(),
    };
    findings
        .part(
            part,
            path,
            format!("\"{text}\" is not the name of a Debian package"),
        )
        .with_label("not a package name")
        .with_help(help);
}

/// Signals that a process can be asked to stop with, without `SIG`.
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "ABRT", "KILL", "USR1", "USR2", "PIPE", "ALRM", "TERM", "CONT", "TSTP",
    "TTIN", "TTOU", "WINCH", "PWR",
];

/// The signal without `SIG`, in capitals; notes an unknown one.
pub(super) fn signal(text: &str, path: &str, findings: &mut Findings) -> String {
    let capitals = text.to_ascii_uppercase();
    let bare = capitals.strip_prefix("SIG").unwrap_or(&capitals);
    if !is_signal(bare) {
        findings
            .value(path, format!("unknown signal \"{text}\""))
            .with_label("not a signal to stop with")
            .with_suggestion(suggestion("signals", bare, SIGNALS.iter().copied()));
    }
    bare.to_owned()
}

/// Whether a process can be asked to stop with this signal, in capitals and without `SIG`.
pub fn is_signal(bare: &str) -> bool {
    SIGNALS.contains(&bare)
}

/// Notes a crontab expression with another number of fields than five, or an unknown `@word`.
pub(super) fn cron(text: &str, path: &str, findings: &mut Findings) {
    const WORDS: &[&str] = &[
        "@yearly",
        "@annually",
        "@monthly",
        "@weekly",
        "@daily",
        "@midnight",
        "@hourly",
    ];
    let fields: Vec<&str> = text.split_whitespace().collect();
    if let [word] = fields.as_slice()
        && word.starts_with('@')
    {
        if !WORDS.contains(word) {
            findings
                .value(path, format!("unknown schedule \"{word}\""))
                .with_label("not a word of crontab")
                .with_suggestion(suggestion("words", word, WORDS.iter().copied()));
        }
        return;
    }
    if fields.len() != 5 {
        findings
            .value(
                path,
                format!("a schedule has 5 fields, found {}", fields.len()),
            )
            .with_label("minute hour day-of-month month day-of-week")
            .with_help("for example \"0 3 * * *\": every day at 03:00");
        return;
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "*,-/?#".contains(c);
    if let Some(field) = fields.iter().find(|field| !field.chars().all(fits)) {
        findings
            .value(path, format!("\"{field}\" is not a field of a schedule"))
            .with_label("minute hour day-of-month month day-of-week");
    } else if let Err((_, wrong)) = Schedule::parse(text, Stars::Alone) {
        findings
            .value(path, format!("\"{text}\" is not a schedule: {wrong}"))
            .with_label("minute hour day-of-month month day-of-week");
    }
}

/// How often what fails is tried again.
pub(super) fn retries(table: &Section<'_>, findings: &mut Findings) -> Option<u32> {
    const MOST: u32 = 100;
    let number = table.integer("retries", findings)?;
    match u32::try_from(number) {
        Ok(retries) if retries <= MOST => Some(retries),
        _ => {
            findings
                .value(
                    &table.path("retries"),
                    format!("retries = {number} is out of range"),
                )
                .with_label(format!("expected 0 to {MOST}"));
            None
        }
    }
}
