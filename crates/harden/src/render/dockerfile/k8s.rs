//! The form for Kubernetes of a Dockerfile, as edits of the original.

use boatyard_init::contract::BINARY;
use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::dockerfile::{Command, Instruction, Kind};
use boatyard_plan::image::RunConfig;
use boatyard_plan::variant::{Facts, Variant as Form, Wishes, derive};

use super::init::init;
use crate::dockerfile::{Dockerfile, json};
use crate::edit::{Edit, apply};
use crate::fix::fix_with;
use crate::render::{File, Note, Rendered};
use crate::rule::{self, Rule};
use crate::settings::{Settings, Variant};
use crate::workspace::{Source, Workspace};

/// The name by which the text is checked: the rules look at Dockerfiles.
const NAME: &str = "Dockerfile";

/// Rules whose edits make the form: exec form, a numeric user that is not root, no health check, no caches.
const RULES: [&str; 9] = [
    "D01", "D02", "D03", "D05", "D06", "D07", "D08", "D11", "D13",
];

/// The form for Kubernetes of the Dockerfile that says `text`; its mistakes if it has some.
pub fn k8s(text: &str) -> Result<Rendered, Vec<Diagnostic>> {
    let (_, mistakes) = Dockerfile::read(text);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let rules: Vec<&'static Rule> = rule::ALL
        .iter()
        .copied()
        .filter(|rule| RULES.contains(&rule.id))
        .collect();
    let source = Source {
        path: NAME.to_owned(),
        text: text.to_owned(),
        executable: None,
        not_text: None,
        named: false,
    };
    let settings = Settings {
        variant: Variant::K8s,
        ..Settings::default()
    };
    let workspace = Workspace::read(vec![source], std::collections::BTreeSet::new(), settings);
    let fixed = fix_with(workspace, true, &rules);
    let text = fixed.files.get(NAME).map_or(text, String::as_str);
    let (dockerfile, _) = Dockerfile::read(text);
    let (text, notes) = started(text, &dockerfile);
    Ok(Rendered {
        files: vec![File {
            path: NAME.to_owned(),
            text,
        }],
        notes,
    })
}

/// The text with boatyard-init as process 1.
fn started(text: &str, dockerfile: &Dockerfile) -> (String, Vec<Note>) {
    let start = dockerfile.start();
    let config = RunConfig {
        user: user(dockerfile),
        entrypoint: start.entrypoint.map(|one| words(dockerfile, one)),
        cmd: start.cmd.map(|one| words(dockerfile, one)),
        ..RunConfig::default()
    };
    let mut own = config.entrypoint.iter().flatten();
    if own.next().is_some_and(|first| first == BINARY) {
        return (text.to_owned(), Vec::new());
    }
    if config.entrypoint.is_none() && config.cmd.is_none() {
        return (
            text.to_owned(),
            vec![Note::new(
                "boatyard-init is not put in front: what the image runs is said in its base image alone",
                "write its ENTRYPOINT or CMD into the Dockerfile",
            )],
        );
    }
    let account = config
        .user
        .split_once(':')
        .and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
    let facts = Facts {
        account,
        ..Facts::default()
    };
    let mut derived = derive(Form::K8s, &config, &facts, &Wishes::default());
    if config.user.parse::<u32>().is_ok_and(|uid| uid > 0) {
        // A number alone is enough for a cluster; the group is in the image.
        derived.config.user.clone_from(&config.user);
    }
    let mut edits = Vec::new();
    let last = dockerfile.file.stages.last();
    for instruction in last
        .map(|stage| stage.instructions.as_slice())
        .unwrap_or_default()
    {
        let is_replaced = match instruction.kind {
            Kind::Entrypoint(_) | Kind::Cmd(_) => true,
            Kind::User(_) => derived.config.user != config.user,
            _ => false,
        };
        if is_replaced {
            let end = text[instruction.span.end..]
                .find('\n')
                .map_or(text.len(), |at| instruction.span.end + at + 1);
            edits.push(Edit::remove(NAME, instruction.span.start..end));
        }
    }
    let kept = apply(text, &edits).unwrap_or_else(|| text.to_owned());
    let mut text = kept.trim_end_matches('\n').to_owned();
    text.push_str("\n# process 1 forwards signals, reaps, and ends what is left over\n");
    let mut line = |content: String| {
        text.push_str(&content);
        text.push('\n');
    };
    line(init());
    if derived.config.user != config.user {
        line(format!("USER {}", derived.config.user));
    }
    if let Some(words) = &derived.config.entrypoint {
        line(format!("ENTRYPOINT {}", json(words)));
    }
    if let Some(words) = &derived.config.cmd {
        line(format!("CMD {}", json(words)));
    }
    let mut notes = vec![Note::new(
        "boatyard-init comes from a build context",
        "\"-o DIR\" writes both: docker build -f DIR/Dockerfile --build-context boatyard-init=DIR .",
    )];
    let is_named = account.is_none() && !matches!(config.user.as_str(), "" | "root" | "0");
    if is_named && derived.config.user != config.user {
        notes.push(Note::new(
            format!(
                "USER {} is {} here: the Dockerfile does not say its numbers",
                config.user, derived.config.user
            ),
            "write USER UID:GID, and give it what it writes",
        ));
    }
    let remarks = derived.remarks.iter();
    notes.extend(remarks.map(|remark| Note::new(&remark.message, &remark.help)));
    (text, notes)
}

/// The last `USER`.
fn user(dockerfile: &Dockerfile) -> String {
    let made: Vec<_> = dockerfile.made().collect();
    let mut last = made
        .iter()
        .rev()
        .filter_map(|(_, instruction)| match &instruction.kind {
            Kind::User(word) => Some(word.text.clone()),
            _ => None,
        });
    last.next().unwrap_or_default()
}

/// The words of an instruction, as the image's configuration has them.
fn words(dockerfile: &Dockerfile, instruction: &Instruction) -> Vec<String> {
    match &instruction.kind {
        Kind::Entrypoint(Command::Exec(words)) | Kind::Cmd(Command::Exec(words)) => words.clone(),
        Kind::Entrypoint(Command::Shell(line)) | Kind::Cmd(Command::Shell(line)) => {
            let mut words = dockerfile.shell_of(instruction);
            words.push(line.text.clone());
            words
        }
        _ => Vec::new(),
    }
}
