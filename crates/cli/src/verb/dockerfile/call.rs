//! `--call`: questions about a Dockerfile that are answered instead of building it.

use boatyard_engine::dockerfile::Request;
use boatyard_plan::dockerfile::graph::Wanted;
use boatyard_plan::dockerfile::outline::{self, Argument, Outline, Shown, Targets};
use boatyard_store::host_platform;

use super::context::Context;
use super::error::DockerfileWordsError as Error;
use super::{check, place};
use crate::answer::{self, Table};
use crate::args::dockerfile::Dockerfile;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// What is probably not meant.
    Check,
    /// What a build can be told.
    Outline,
    /// What can be built.
    Targets,
}

/// A question, and whether the answer is JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    question: Question,
    json: bool,
}

/// What the flags ask; none: to build.
pub fn asked(flags: &Dockerfile) -> Result<Option<Call>, Error> {
    if flags.check {
        let question = Question::Check;
        return Ok(Some(Call {
            question,
            json: false,
        }));
    }
    let Some(word) = &flags.call else {
        return Ok(None);
    };
    let wrong = || Error::Flag {
        flag: "call",
        value: word.clone(),
        problem: "there is no such question",
        form: "build, check, outline or targets, with ,format=json if wanted",
    };
    let mut parts = word.split(',');
    let question = match parts.next().unwrap_or_default().to_lowercase().as_str() {
        "build" | "" => None,
        // Docker has both names.
        "check" | "lint" => Some(Question::Check),
        "outline" => Some(Question::Outline),
        "targets" => Some(Question::Targets),
        _ => return Err(wrong()),
    };
    let mut json = false;
    for part in parts {
        json = match part {
            "format=json" => true,
            "format=text" => false,
            _ => return Err(wrong()),
        };
    }
    Ok(question.map(|question| Call { question, json }))
}

/// Answers.
pub fn answer(
    call: Call,
    context: &Context,
    request: &Request,
    voice: &Voice,
) -> Result<(), Stopped> {
    let json = call.json || voice.json;
    match call.question {
        Question::Check => check::all(context, request, json),
        Question::Targets => {
            let found = outline::targets(&request.dockerfile, &context.text);
            if json {
                return answer::json(&found);
            }
            answer::text(&targets(&found, voice))
        }
        Question::Outline => {
            let contexts = request.named.keys().cloned().collect();
            let wanted = Wanted {
                target: request.target.as_deref(),
                arguments: &request.arguments,
                contexts: &contexts,
                build: &host_platform(),
                platform: &request.platform,
            };
            let found = outline::outline(&request.dockerfile, &context.text, &wanted)
                .map_err(|mistakes| place::mistakes(context, mistakes))?;
            if json {
                return answer::json(&found);
            }
            answer::text(&told(&found, voice))
        }
    }
}

fn targets(found: &Targets, voice: &Voice) -> String {
    let mut table = Table::new(["TARGET", "DESCRIPTION"]);
    for target in &found.targets {
        let name = target.name.as_deref().unwrap_or_default();
        let default = if target.default { "(default)" } else { "" };
        let name = format!("{name} {default}").trim().to_owned();
        table.row([name, target.description.clone().unwrap_or_default()]);
    }
    table.render(voice.out)
}

fn told(found: &Outline, voice: &Voice) -> String {
    let mut text = String::new();
    for (title, value) in [
        ("TARGET:", &found.name),
        ("DESCRIPTION:", &found.description),
    ] {
        text.extend(value.iter().map(|value| format!("{title:<13}{value}\n")));
    }
    let mut add = |table: Option<String>| {
        if let Some(table) = table {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&table);
        }
    };
    add(arguments(&found.args, voice));
    add(shown("SECRET", &found.secrets, voice));
    add(shown("SSH", &found.ssh, voice));
    text
}

fn arguments(all: &[Argument], voice: &Voice) -> Option<String> {
    let mut table = Table::new(["BUILD ARG", "VALUE", "DESCRIPTION"]);
    for argument in all {
        table.row([
            argument.name.clone(),
            argument.value.clone().unwrap_or_default(),
            argument.description.clone().unwrap_or_default(),
        ]);
    }
    (!all.is_empty()).then(|| table.render(voice.out))
}

fn shown(title: &'static str, all: &[Shown], voice: &Voice) -> Option<String> {
    let mut table = Table::new([title, "REQUIRED"]);
    for one in all {
        let required = if one.required { "true" } else { "" };
        table.row([one.name.clone(), required.to_owned()]);
    }
    (!all.is_empty()).then(|| table.render(voice.out))
}

#[cfg(test)]
mod tests {
    use super::{Question, asked};
    use crate::args::dockerfile::Dockerfile;

    #[test]
    fn questions() {
        for (word, expected) in [
            ("build", Ok(None)),
            ("check", Ok(Some((Question::Check, false)))),
            ("lint", Ok(Some((Question::Check, false)))),
            ("outline", Ok(Some((Question::Outline, false)))),
            ("targets,format=json", Ok(Some((Question::Targets, true)))),
            ("targets,format=text", Ok(Some((Question::Targets, false)))),
            ("targets,format=yaml", Err(())),
            ("other", Err(())),
        ] {
            let flags = Dockerfile {
                call: Some(word.to_owned()),
                ..Dockerfile::default()
            };
            let found = asked(&flags).map_err(|_| ());
            let found = found.map(|call| call.map(|call| (call.question, call.json)));
            assert_eq!(found, expected, "{word}");
        }
    }
}
