//! What flags each instruction knows.

use super::head::{Head, RawFlag};
use super::mistakes::{Mistakes, short};
use crate::dockerfile::Keyword;
use crate::dockerfile::duration::nanoseconds;
use crate::dockerfile::model::Flag;
use crate::document::suggestion;
use crate::failure::Failure;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing, `true` or `false`.
    Switch,
    /// A value, once.
    Value,
    /// A value, as often as one likes.
    Values,
    /// One of a few values, once.
    Choice(&'static [&'static str]),
    /// A duration, once.
    Duration,
    /// A number from 0, once.
    Number,
}

/// Flags by name.
fn known(keyword: Keyword) -> &'static [(&'static str, Form)] {
    match keyword {
        Keyword::From => &[("platform", Form::Value)],
        Keyword::Run => &[
            ("mount", Form::Values),
            ("network", Form::Choice(&["default", "none", "host"])),
            ("security", Form::Choice(&["sandbox", "insecure"])),
            ("device", Form::Values),
        ],
        Keyword::Copy => &[
            ("from", Form::Value),
            ("chown", Form::Value),
            ("chmod", Form::Value),
            ("link", Form::Switch),
            ("parents", Form::Switch),
            ("exclude", Form::Values),
        ],
        Keyword::Add => &[
            ("chown", Form::Value),
            ("chmod", Form::Value),
            ("link", Form::Switch),
            ("exclude", Form::Values),
            ("checksum", Form::Value),
            ("keep-git-dir", Form::Switch),
            ("unpack", Form::Switch),
        ],
        Keyword::Healthcheck => &[
            ("interval", Form::Duration),
            ("timeout", Form::Duration),
            ("start-period", Form::Duration),
            ("start-interval", Form::Duration),
            ("retries", Form::Number),
        ],
        _ => &[],
    }
}

/// The flags of an instruction, as far as they are right.
pub(super) fn read(head: &Head<'_>, keyword: Keyword, mistakes: &mut Mistakes) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for raw in &head.flags {
        let flag = split(raw);
        let Some(&(_, form)) = known(keyword).iter().find(|(name, _)| *name == flag.name) else {
            unknown(&flag, keyword, mistakes);
            continue;
        };
        if form != Form::Values && flags.iter().any(|other| other.name == flag.name) {
            mistakes
                .add(
                    flag.span.clone(),
                    format!("the flag --{} is given a second time", flag.name),
                )
                .with_help("remove one of them");
            continue;
        }
        if fits(&flag, form, mistakes) {
            flags.push(flag);
        }
    }
    flags
}

fn split(raw: &RawFlag<'_>) -> Flag {
    let (name, value) = match raw.text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (raw.text.as_str(), None),
    };
    let value = value.map(|value| {
        let at = raw.part.text().find('=').map_or(0, |at| at + 1);
        raw.part.from(at).saying(value)
    });
    Flag {
        name: name.strip_prefix("--").unwrap_or(name).to_owned(),
        value,
        span: raw.part.span(),
    }
}

fn unknown(flag: &Flag, keyword: Keyword, mistakes: &mut Mistakes) {
    let keyword_name = keyword.name();
    let names: Vec<String> = known(keyword)
        .iter()
        .map(|(name, _)| format!("--{name}"))
        .collect();
    let help = match keyword {
        Keyword::Cmd | Keyword::Entrypoint => Some(format!(
            "{keyword_name} takes no flags: if this belongs to the command, write {keyword_name} [\"--{}\"]",
            short(&flag.name)
        )),
        _ if known(keyword).is_empty() => Some(format!("{keyword_name} takes no flags")),
        _ => suggestion(
            "flags",
            &format!("--{}", short(&flag.name)),
            names.iter().map(String::as_str),
        ),
    };
    mistakes
        .add(
            flag.span.clone(),
            format!("unknown flag \"--{}\" of {keyword_name}", short(&flag.name)),
        )
        .with_label("not a flag here")
        .with_suggestion(help);
}

fn fits(flag: &Flag, form: Form, mistakes: &mut Mistakes) -> bool {
    let name = &flag.name;
    let Some(value) = &flag.value else {
        if form != Form::Switch {
            mistakes
                .add(flag.span.clone(), format!("the flag --{name} has no value"))
                .with_help(format!("write --{name}=..."));
        }
        return form == Form::Switch;
    };
    let text = value.text.as_str();
    let (message, help) = match form {
        Form::Value | Form::Values => return true,
        Form::Switch
            if ["true", "false"]
                .iter()
                .any(|one| one.eq_ignore_ascii_case(text)) =>
        {
            return true;
        }
        Form::Switch => (
            format!("the flag --{name} is \"{}\"", short(text)),
            Some(format!("write --{name}, --{name}=true or --{name}=false")),
        ),
        Form::Choice(choices) if choices.contains(&text) => return true,
        Form::Choice(choices) => (
            format!("the flag --{name} is \"{}\"", short(text)),
            suggestion("values", &short(text), choices.iter().copied()),
        ),
        Form::Duration => match nanoseconds(text) {
            Ok(_) => return true,
            Err(wrong) => (format!("the flag --{name}: {wrong}"), wrong.help()),
        },
        Form::Number => match text.strip_prefix('+').unwrap_or(text).parse::<i32>() {
            Ok(0..) => return true,
            _ if text.is_empty() => return true,
            _ => (
                format!("the flag --{name} is \"{}\"", short(text)),
                Some("write a number from 0".to_owned()),
            ),
        },
    };
    mistakes
        .add(value.span.clone(), message)
        .with_suggestion(help);
    false
}
