//! D18: the signal that stops the container does not fit the program.

use boatyard_plan::dockerfile::{Kind, Word};

use super::{Fixing, Rule};
use crate::dockerfile::Name;
use crate::edit::Edit;
use crate::finding::Severity;
use crate::place::line_start;
use crate::report::Report;
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "D18",
    severity: Severity::Warning,
    title: "STOPSIGNAL does not fit the program",
    why: "Without a word, a container is stopped with TERM. uWSGI takes that for a reload and goes on until it is killed; nginx, php-fpm and \
          Apache drop what they are answering. Other programs do that on INT or QUIT.",
    mend: "write the signal that the program takes for a graceful stop",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

/// Programs, the signal for a graceful stop, and the images that say so themselves.
const SIGNALS: [(&str, &str, &str); 9] = [
    ("nginx", "SIGQUIT", "nginx"),
    ("php-fpm", "SIGQUIT", "php"),
    ("apache2", "SIGWINCH", "php"),
    ("httpd", "SIGWINCH", "httpd"),
    ("apachectl", "SIGWINCH", ""),
    ("uwsgi", "SIGQUIT", ""),
    ("gunicorn", "SIGTERM", ""),
    ("celery", "SIGTERM", ""),
    ("uvicorn", "SIGTERM", ""),
];

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, dockerfile) in workspace.dockerfiles() {
        let program = dockerfile.program(&document.text);
        let name = program.name();
        let Some((_, signal, image)) = SIGNALS.iter().find(|(one, ..)| *one == name) else {
            continue;
        };
        let words = program.bare();
        // A configuration of its own may say what TERM means.
        let told = words.iter().any(|word| {
            word.contains("die-on-term")
                || word.contains("hook-master-start")
                || word.starts_with("--ini")
                || [".ini", ".yaml", ".yml", ".xml", ".json"]
                    .iter()
                    .any(|end| word.ends_with(end))
        });
        if name == "uwsgi" && told {
            continue;
        }
        let said = dockerfile.made().filter_map(|(_, one)| match &one.kind {
            Kind::StopSignal(word) => Some(word),
            _ => None,
        });
        match said.last() {
            Some(word) if !fits(word, signal) => {
                report
                    .add(
                        &RULE,
                        &document.path,
                        word.span.clone(),
                        format!("{name} stops gracefully on {signal}, not on {}", word.text),
                    )
                    .safe([Edit::replace(&document.path, word.span.clone(), *signal)]);
            }
            Some(_) => {}
            None => {
                let base = dockerfile
                    .base(dockerfile.file.stages.len().saturating_sub(1))
                    .unwrap_or_default();
                let base = dockerfile.resolved(base);
                let start = dockerfile.start();
                let Some(place) = start.entrypoint.or(start.cmd) else {
                    continue;
                };
                if *signal == "SIGTERM"
                    || (!image.is_empty() && Name::of(&base).short().contains(image))
                {
                    continue;
                }
                let at = line_start(&document.text, place.span.start);
                report
                    .add(
                        &RULE,
                        &document.path,
                        place.span.clone(),
                        format!("{name} stops gracefully on {signal}, and is sent TERM"),
                    )
                    .safe([Edit::insert(
                        &document.path,
                        at,
                        format!("STOPSIGNAL {signal}\n"),
                    )]);
            }
        }
    }
}

fn fits(word: &Word, signal: &str) -> bool {
    let said = word.text.trim_matches(['"', '\'']).to_ascii_uppercase();
    let said = said.strip_prefix("SIG").unwrap_or(&said);
    let number = match signal {
        "SIGQUIT" => "3",
        "SIGTERM" => "15",
        _ => "28",
    };
    // uWSGI stops on INT, too, if less patiently.
    said == &signal[3..]
        || said == number
        || said.contains('$')
        || (signal == "SIGQUIT" && matches!(said, "INT" | "2"))
}
