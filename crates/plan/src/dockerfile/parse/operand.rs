//! Arguments of instructions that take words, a text or a command.

use super::head::Head;
use super::json::{self, Json};
use super::line::Part;
use super::mistakes::Mistakes;
use super::words::plain;
use crate::dockerfile::Keyword;
use crate::dockerfile::model::{Command, Word};

/// Arguments in one of their two forms.
pub(super) enum Form<'l> {
    /// JSON.
    Exec(Vec<Word>),
    /// Anything else.
    Shell(Part<'l>),
}

/// Tells the forms apart. JSON that is not made of strings is a mistake; what is no JSON is in the shell form.
pub(super) fn form<'l>(
    arguments: &Part<'l>,
    keyword: Keyword,
    mistakes: &mut Mistakes,
) -> Option<Form<'l>> {
    match json::read(arguments.text()) {
        Json::Strings(strings) => Some(Form::Exec(
            strings
                .into_iter()
                .map(|(said, range)| arguments.sub(range).saying(said))
                .collect(),
        )),
        Json::No => Some(Form::Shell(arguments.clone())),
        Json::Mixed => {
            mistakes
                .add(
                    arguments.span(),
                    format!(
                        "the JSON array of {} holds other things than strings",
                        keyword.name()
                    ),
                )
                .with_help("put each element in double quotes, e.g. [\"nginx\", \"-p\", \"8080\"]");
            None
        }
    }
}

/// The command of `RUN`, `CMD` and `ENTRYPOINT`.
pub(super) fn command(
    head: &Head<'_>,
    keyword: Keyword,
    mistakes: &mut Mistakes,
) -> Option<Command> {
    match form(&head.arguments, keyword, mistakes)? {
        Form::Exec(words) if words.is_empty() && keyword == Keyword::Run => {
            mistakes
                .add(head.arguments.span(), "RUN has no command")
                .with_help("write RUN [\"command\", \"argument\"]");
            None
        }
        Form::Exec(words) => Some(Command::Exec(
            words.into_iter().map(|word| word.text).collect(),
        )),
        Form::Shell(text) => Some(Command::Shell(text.word())),
    }
}

/// All the arguments as they stand: `USER`, `WORKDIR`, `STOPSIGNAL`, `MAINTAINER`.
pub(super) fn text(head: &Head<'_>) -> Word {
    head.arguments.word()
}

/// The words of `EXPOSE`.
pub(super) fn words(head: &Head<'_>) -> Vec<Word> {
    plain(&head.arguments).iter().map(Part::word).collect()
}

/// The paths of `VOLUME`.
pub(super) fn volumes(head: &Head<'_>, mistakes: &mut Mistakes) -> Option<Vec<Word>> {
    let volumes = match form(&head.arguments, Keyword::Volume, mistakes)? {
        Form::Exec(volumes) => volumes,
        Form::Shell(_) => words(head),
    };
    let mut wrong = false;
    if volumes.is_empty() {
        missing(head, Keyword::Volume, mistakes);
        wrong = true;
    }
    for volume in volumes
        .iter()
        .filter(|volume| volume.text.trim().is_empty())
    {
        mistakes
            .add(volume.span.clone(), "VOLUME has an empty path")
            .with_help("write an absolute path or remove it");
        wrong = true;
    }
    (!wrong).then(|| {
        volumes
            .into_iter()
            .map(|volume| Word {
                text: volume.text.trim().to_owned(),
                span: volume.span,
            })
            .collect()
    })
}

/// The command line of `SHELL`.
pub(super) fn shell(head: &Head<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    let help = "write SHELL [\"/bin/bash\", \"-c\"]";
    match form(&head.arguments, Keyword::Shell, mistakes)? {
        Form::Exec(words) if !words.is_empty() => {
            Some(words.into_iter().map(|word| word.text).collect())
        }
        Form::Exec(_) => {
            mistakes
                .add(head.arguments.span(), "SHELL has no command")
                .with_help(help);
            None
        }
        Form::Shell(_) => {
            mistakes
                .add(head.arguments.span(), "SHELL is not in the JSON form")
                .with_help(help);
            None
        }
    }
}

/// The instruction has no arguments but needs some.
pub(super) fn missing(head: &Head<'_>, keyword: Keyword, mistakes: &mut Mistakes) {
    let example = match keyword {
        Keyword::Add => "ADD SOURCE... DESTINATION",
        Keyword::Copy => "COPY SOURCE... DESTINATION",
        Keyword::Arg => "ARG NAME, or ARG NAME=default",
        Keyword::Cmd => "CMD [\"command\", \"argument\"], or CMD [] for none",
        Keyword::Entrypoint => "ENTRYPOINT [\"command\", \"argument\"], or ENTRYPOINT [] for none",
        Keyword::Env => "ENV NAME=value",
        Keyword::Expose => "EXPOSE 8080, or EXPOSE 53/udp",
        Keyword::From => "FROM IMAGE [AS NAME]",
        Keyword::Healthcheck => "HEALTHCHECK CMD command, or HEALTHCHECK NONE",
        Keyword::Label => "LABEL NAME=value",
        Keyword::Maintainer => "LABEL org.opencontainers.image.authors=\"NAME\" instead",
        Keyword::OnBuild => "ONBUILD and an instruction",
        Keyword::Run => "RUN command",
        Keyword::Shell => "SHELL [\"/bin/bash\", \"-c\"]",
        Keyword::StopSignal => "STOPSIGNAL SIGTERM",
        Keyword::User => "USER NAME[:GROUP]",
        Keyword::Volume => "VOLUME /path",
        Keyword::Workdir => "WORKDIR /path",
    };
    mistakes
        .add(
            head.keyword.span(),
            format!("{} has no arguments", keyword.name()),
        )
        .with_help(format!("write {example}"));
}
