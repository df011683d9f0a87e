//! S08: how gunicorn is started.

use std::ops::Range;

use super::starting::is_start_script;
use super::{Fixing, Rule};
use crate::edit::Edit;
use crate::finding::Severity;
use crate::report::Report;
use crate::shell::{Simple, simples};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule {
    id: "S08",
    severity: Severity::Warning,
    title: "gunicorn is not started as a container needs it",
    why: "Without --access-logfile - requests are not logged. The heartbeat of workers is a file: on the disk of the container it blocks for seconds, and \
          workers are killed in between. Bound to 127.0.0.1 nobody outside of the container is answered.",
    mend: "gunicorn --bind 0.0.0.0:PORT --access-logfile - --worker-tmp-dir /dev/shm",
    fix: Fixing::Safe,
    same_as: "",
    check,
};

fn check(workspace: &Workspace, report: &mut Report) {
    for (document, script) in workspace.scripts() {
        if !is_start_script(workspace, document) {
            continue;
        }
        let beside = document.text.contains("nginx");
        simples(&script.items, &mut |simple, _| {
            gunicorn(&document.path, simple, beside, report);
        });
    }
    for (document, dockerfile) in workspace.dockerfiles() {
        let start = dockerfile.start();
        for instruction in start.entrypoint.iter().chain(&start.cmd) {
            for script in dockerfile.scripts(instruction) {
                simples(&script.items, &mut |simple, _| {
                    gunicorn(
                        &document.path,
                        simple,
                        document.text.contains("nginx"),
                        report,
                    );
                });
            }
        }
    }
}

fn gunicorn(path: &str, simple: &Simple, beside: bool, report: &mut Report) {
    let Some(at) = simple.words.iter().position(|word| {
        word.text
            .as_deref()
            .is_some_and(|text| text.rsplit('/').next() == Some("gunicorn"))
    }) else {
        return;
    };
    // A word before it means that another program is given its name.
    let before = simple.words[..at].iter().all(|word| {
        matches!(
            word.raw.as_str(),
            "exec" | "env" | "nice" | "uv" | "poetry" | "run" | "python" | "python3" | "-m"
        ) || word.raw.contains('=')
    });
    let words: Vec<(&str, Range<usize>)> = simple.words[at..]
        .iter()
        .map(|word| (word.raw.as_str(), word.span.clone()))
        .collect();
    let flag = |short: &str, long: &str| {
        words.iter().position(|(word, _)| {
            *word == short
                || *word == long
                || word.starts_with(&format!("{long}="))
                || (!short.is_empty() && word.starts_with(short) && !word.starts_with("--"))
        })
    };
    let unknown = simple.words[at..].iter().any(|word| {
        word.variables.iter().any(|one| {
            !one.quoted
                && one.name.ends_with(|c: char| c.is_ascii_uppercase())
                && (one.name.contains("ARG") || one.name.contains("OPT"))
        }) || word.raw.contains("$@")
    });
    if !before
        || unknown
        || words
            .iter()
            .any(|(word, _)| matches!(*word, "--version" | "--check-config" | "--help"))
    {
        return;
    }
    if let Some(index) = flag("-b", "--bind").filter(|_| !beside) {
        for (word, span) in words.iter().skip(index).take(2) {
            if let Some(offset) = ["127.0.0.1:", "localhost:"]
                .iter()
                .find_map(|host| word.find(host).map(|at| at..at + host.len() - 1))
            {
                let place = span.start + offset.start..span.start + offset.end;
                report
                    .add(
                        &RULE,
                        path,
                        place.clone(),
                        "nobody outside of the container is answered",
                    )
                    .help("bind 0.0.0.0")
                    .safe([Edit::replace(path, place, "0.0.0.0")]);
            }
        }
    }
    if flag("-c", "--config").is_some() {
        return;
    }
    let after = words[0].1.end;
    if flag("", "--access-logfile").is_none() {
        report
            .add(&RULE, path, words[0].1.clone(), "requests are not logged")
            .help("add --access-logfile -")
            .safe([Edit::insert(path, after, " --access-logfile -")]);
    }
    if flag("", "--worker-tmp-dir").is_none() {
        report
            .add(
                &RULE,
                path,
                words[0].1.clone(),
                "the heartbeat of the workers is on the disk of the container",
            )
            .help("add --worker-tmp-dir /dev/shm")
            .safe([Edit::insert(path, after, " --worker-tmp-dir /dev/shm")]);
    }
    if let Some(index) = flag("-w", "--workers") {
        let fixed = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = words.iter().skip(index).take(2).find(|(word, _)| {
            fixed(
                word.trim_start_matches("--workers=")
                    .trim_start_matches("-w"),
            )
        });
        if let Some((_, span)) = number {
            report
                .add(
                    &RULE,
                    path,
                    span.clone(),
                    "the number of workers is the same on every machine",
                )
                .help("write \"${WEB_CONCURRENCY:-4}\", and set it for each place")
                .severity = Severity::Info;
        }
    }
}
