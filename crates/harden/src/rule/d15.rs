//! D15: secrets in the image.

use boatyard_plan::dockerfile::{Instruction, Kind, Pair};
use boatyard_plan::secret::{has_password, in_command, is_secret_name, is_secret_value};

use super::{Fixing, Rule};
use crate::finding::Severity;
use crate::image::What;
use crate::report::Report;
use crate::workspace::{Document, Workspace};

pub(super) const RULE: Rule = Rule {
    id: "D15",
    severity: Severity::Error,
    title: "a secret is in the image",
    why: "Whoever has the image can read every layer and its history, also of files that a later step removes, and of arguments that only the \
          build was given.",
    mend: "show it to the one command that needs it: RUN --mount=type=secret,id=NAME; at run time give it to the container",
    fix: Fixing::Never,
    same_as: "hadolint DL3064, trivy DS-0031, BuildKit SecretsUsedInArgOrEnv",
    check,
};

/// Names of files that hold secrets.
const FILES: [&str; 14] = [
    ".env",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "id_dsa",
    ".netrc",
    ".pypirc",
    ".npmrc",
    ".git-credentials",
    ".htpasswd",
    ".pgpass",
    "pip.conf",
    "credentials",
    "kubeconfig",
];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        for argument in &dockerfile.file.arguments {
            look(document, argument, report);
        }
        for (_, instruction) in dockerfile.instructions() {
            look(document, instruction, report);
        }
    }
    for (document, found) in workspace.found() {
        if let What::Secret(why) = found.what {
            let message = format!("this is a secret: {why}");
            report
                .add(&RULE, &document.path, 0..document.text.len(), message)
                .help(
                    "build it without, and make the secret invalid: whoever has the image has it",
                );
        }
    }
}

fn look(document: &Document, instruction: &Instruction, report: &mut Report) {
    match &instruction.kind {
        Kind::Env(pairs) => pairs
            .iter()
            .for_each(|pair| variable("ENV", pair, document, report)),
        Kind::Arg(pairs) => pairs
            .iter()
            .for_each(|pair| variable("ARG", pair, document, report)),
        Kind::Copy(words) | Kind::Add(words) => {
            if instruction.flags.iter().any(|flag| flag.name == "from") {
                return;
            }
            for word in words.iter().rev().skip(1) {
                let name = word.text.rsplit('/').next().unwrap_or(&word.text);
                let is_key = name.rsplit('.').next() == Some("key") && name != ".key";
                let is_example = [".example", ".sample", ".template", ".dist"]
                    .iter()
                    .any(|end| name.ends_with(end));
                let is_file = FILES.contains(&name) || (name.starts_with(".env.") && !is_example);
                if is_file || is_key {
                    report.add(
                        &RULE,
                        &document.path,
                        word.span.clone(),
                        format!("\"{name}\" holds secrets as a rule"),
                    );
                }
            }
        }
        Kind::Run(_) | Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Healthcheck(_) => {
            command(document, instruction, report);
        }
        _ => {}
    }
}

/// Secrets among the words of a command. What a build step is given for itself is often made up: a key that nothing is signed with.
fn command(document: &Document, instruction: &Instruction, report: &mut Report) {
    let span = instruction.span.clone();
    let is_step = matches!(instruction.kind, Kind::Run(_));
    for given in in_command(document.text.get(span.clone()).unwrap_or_default()) {
        let place = span.start + given.word.start..span.start + given.word.end;
        let word = &document.text[place.clone()];
        let is_web = word.contains("http://") || word.contains("https://") || !word.contains("://");
        if is_step && (given.is_assigned || !is_web) {
            continue;
        }
        let keyword = match &instruction.kind {
            Kind::Run(_) => "RUN",
            Kind::Cmd(_) => "CMD",
            Kind::Entrypoint(_) => "ENTRYPOINT",
            _ => "HEALTHCHECK",
        };
        let message = format!("a secret is on the command line of {keyword}");
        let finding = report.add(&RULE, &document.path, place, message);
        if !is_step {
            finding.help(format!(
                "make a new one, write ${{{}}} in the shell form or in sh -c, and give it where the container runs",
                given.name
            ));
        }
    }
}

fn variable(keyword: &str, pair: &Pair, document: &Document, report: &mut Report) {
    let value = pair
        .value
        .as_ref()
        .map_or("", |value| value.text.trim_matches(['"', '\'']));
    let name = &pair.name.text;
    if is_secret_value(value) {
        report.add(
            &RULE,
            &document.path,
            pair.name.span.clone(),
            if has_password(value) {
                format!("the value of {keyword} {name} has a password in it")
            } else {
                format!("the value of {keyword} {name} is a key or a token")
            },
        );
    } else if is_secret_name(name)
        && !(keyword == "ENV" && (value.is_empty() || value.starts_with('/')))
    {
        report.add(
            &RULE,
            &document.path,
            pair.name.span.clone(),
            format!("{keyword} {name} looks like a secret"),
        );
    }
}
