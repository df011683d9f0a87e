//! A Dockerfile as its cases show it: what was read, and, after `<-`, what it was read from where that looks different.

use boatyard_plan::dockerfile::{
    Command, Dockerfile, Flag, Heredoc, Instruction, Kind, Pair, Word,
};

/// All of it.
pub fn dockerfile(dockerfile: &Dockerfile, text: &str) -> String {
    let mut lines = Vec::new();
    let directives = &dockerfile.directives;
    if let Some(syntax) = &directives.syntax {
        lines.push(format!("syntax {}", word(syntax, text)));
    }
    if directives.escape != '\\' {
        lines.push(format!("escape {}", directives.escape));
    }
    if let Some(check) = &directives.check {
        lines.push(format!("check {}", word(check, text)));
    }
    let arguments = dockerfile.arguments.iter();
    lines.extend(arguments.map(|one| instruction(one, text, "")));
    for stage in &dockerfile.stages {
        assert_eq!(stage.from.kind, Kind::From);
        let called = stage.name.as_ref();
        let platform = stage.platform.as_ref();
        lines.push(format!(
            "stage of {}{}{}",
            word(&stage.image, text),
            called.map_or(String::new(), |name| format!(
                " called {}",
                word(name, text)
            )),
            platform.map_or(String::new(), |one| format!(" for {}", word(one, text))),
        ));
        let instructions = stage.instructions.iter();
        lines.extend(instructions.map(|one| instruction(one, text, "  ")));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn instruction(instruction: &Instruction, text: &str, indent: &str) -> String {
    let flags = instruction.flags.iter().map(|one| flag(one, text));
    let mut parts = vec![format!("{indent}{}", word(&instruction.keyword, text))];
    parts.extend(flags);
    parts.extend(arguments(&instruction.kind, text));
    let mut lines = vec![parts.join(" ")];
    let written = &text[instruction.span.clone()];
    if !written.starts_with(&instruction.line) {
        lines.push(format!("{indent}  line {:?}", instruction.line));
    }
    let heredocs = instruction.heredocs.iter();
    lines.extend(heredocs.map(|one| heredoc(one, text, indent)));
    assert_eq!(
        instruction.span.start, instruction.keyword.span.start,
        "an instruction begins with its keyword: {written:?}"
    );
    lines.join("\n")
}

fn arguments(kind: &Kind, text: &str) -> Vec<String> {
    match kind {
        Kind::From => Vec::new(),
        Kind::Run(command) | Kind::Cmd(command) | Kind::Entrypoint(command) => {
            vec![self::command(command, text)]
        }
        Kind::Copy(words) | Kind::Add(words) | Kind::Expose(words) | Kind::Volume(words) => {
            words.iter().map(|one| word(one, text)).collect()
        }
        Kind::Env(pairs) | Kind::Arg(pairs) | Kind::Label(pairs) => {
            pairs.iter().map(|one| pair(one, text)).collect()
        }
        Kind::User(one) | Kind::Workdir(one) | Kind::StopSignal(one) | Kind::Maintainer(one) => {
            vec![word(one, text)]
        }
        Kind::Shell(words) => vec![format!("{words:?}")],
        Kind::Healthcheck(None) => vec!["none".to_owned()],
        Kind::Healthcheck(Some(command)) => vec![self::command(command, text)],
        Kind::OnBuild(inner) => vec![instruction(inner, text, "")],
    }
}

/// A word; where its place in the text reads otherwise, that too.
fn word(word: &Word, text: &str) -> String {
    let written = &text[word.span.clone()];
    if written == word.text {
        format!("{:?}", word.text)
    } else {
        format!("{:?}<-{written:?}", word.text)
    }
}

fn flag(flag: &Flag, text: &str) -> String {
    let written = &text[flag.span.clone()];
    assert!(
        written.starts_with("--"),
        "a flag begins with dashes: {written:?}"
    );
    match &flag.value {
        Some(value) => format!("--{}={}", flag.name, word(value, text)),
        None => format!("--{}", flag.name),
    }
}

fn pair(pair: &Pair, text: &str) -> String {
    match &pair.value {
        Some(value) => format!("{}={}", word(&pair.name, text), word(value, text)),
        None => word(&pair.name, text),
    }
}

fn command(command: &Command, text: &str) -> String {
    match command {
        Command::Exec(words) => format!("exec {words:?}"),
        Command::Shell(line) => format!("shell {}", word(line, text)),
    }
}

fn heredoc(heredoc: &Heredoc, text: &str, indent: &str) -> String {
    let form = match (heredoc.expand, heredoc.chomp) {
        (true, true) => "expanded, chomped",
        (true, false) => "expanded",
        (false, true) => "as it is, chomped",
        (false, false) => "as it is",
    };
    let out = format!("{indent}  <<{} {form} {:?}", heredoc.name, heredoc.text);
    let written = &text[heredoc.span.clone()];
    if written == heredoc.text {
        out
    } else {
        format!("{out}<-{written:?}")
    }
}
