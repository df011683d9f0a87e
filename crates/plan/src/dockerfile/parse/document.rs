//! The whole Dockerfile: instructions, put into their stages.

use super::from::From;
use super::head::Head;
use super::instruction::{self, Read};
use super::line::Source;
use super::mistakes::Mistakes;
use super::{directive, heredoc};
use crate::diagnostic::Diagnostic;
use crate::dockerfile::Keyword;
use crate::dockerfile::model::{Dockerfile, Instruction, Kind, Stage};

/// Reads a Dockerfile, or tells every mistake in it, in the order of the text.
pub fn parse(text: &str) -> Result<Dockerfile, Vec<Diagnostic>> {
    let (dockerfile, mistakes) = parse_recoverable(text);
    if mistakes.is_empty() {
        Ok(dockerfile)
    } else {
        Err(mistakes)
    }
}

/// Reads what can be read of a Dockerfile, and tells every mistake in it, in the order of the text. Instructions with
/// mistakes are left out, so that without mistakes it is all there, and with some there may be no stage.
pub fn parse_recoverable(text: &str) -> (Dockerfile, Vec<Diagnostic>) {
    let mut mistakes = Mistakes::default();
    let mut source = Source::new(text);
    let directives = directive::read(&mut source, &mut mistakes);
    let escape = directives.escape;
    let mut stages = Stages::default();
    let mut any = false;
    while let Some(line) = source.logical(escape) {
        any = true;
        let head = Head::split(line.part(), escape);
        let Some(heredocs) = heredoc::read(&mut source, &head, escape, &mut mistakes) else {
            break;
        };
        let end = if heredocs.is_empty() {
            line.span.end
        } else {
            source.end_of_last_line()
        };
        stages.begin(&head, &mut mistakes);
        if let Some(read) = instruction::build(&head, heredocs, end, escape, &mut mistakes) {
            stages.add(read);
        }
    }
    if !any {
        mistakes
            .add(0..0, "the Dockerfile has no instructions")
            .with_help("begin with FROM and an image, e.g. FROM debian:bookworm");
    } else if !stages.begun && mistakes.count() == 0 {
        mistakes
            .add(
                0..0,
                "the Dockerfile has no FROM: there is no stage to build",
            )
            .with_help("write FROM and an image, e.g. FROM debian:bookworm");
    }
    let dockerfile = Dockerfile {
        directives,
        arguments: stages.arguments,
        stages: stages.list,
    };
    (dockerfile, mistakes.finish())
}

/// The stages so far.
#[derive(Default)]
struct Stages {
    /// Whether there was a `FROM`, right or wrong.
    begun: bool,
    /// Whether something stood before it that must not, so that it is said once.
    early: bool,
    arguments: Vec<Instruction>,
    list: Vec<Stage>,
}

impl Stages {
    /// Checks that the instruction may stand here.
    fn begin(&mut self, head: &Head<'_>, mistakes: &mut Mistakes) {
        if self.begun {
            return;
        }
        match instruction::meant(head.keyword.text()) {
            Some(Keyword::From) => self.begun = true,
            Some(Keyword::Arg) | None => {}
            Some(keyword) if !self.early => {
                self.early = true;
                mistakes
                    .add(
                        head.keyword.span(),
                        format!("{} stands before the first FROM", keyword.name()),
                    )
                    .with_label("only ARG may stand here")
                    .with_help("begin with FROM and an image, e.g. FROM debian:bookworm");
            }
            Some(_) => {}
        }
    }

    fn add(&mut self, read: Read) {
        let Read { instruction, from } = read;
        if let Some(From { image, name }) = from {
            let platform = instruction
                .flags
                .iter()
                .find(|flag| flag.name == "platform")
                .and_then(|flag| flag.value.clone());
            self.list.push(Stage {
                from: instruction,
                image,
                platform,
                name,
                instructions: Vec::new(),
            });
        } else if let Some(stage) = self.list.last_mut() {
            stage.instructions.push(instruction);
        } else if matches!(instruction.kind, Kind::Arg(_)) {
            self.arguments.push(instruction);
        }
    }
}
