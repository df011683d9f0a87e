//! Which scripts start an application, and which programs go on until they are stopped.

use std::collections::BTreeSet;

use super::images::services;
use crate::shell::Simple;
use crate::workspace::{Document, Workspace};

/// Names of scripts that start something.
const NAMES: [&str; 12] = [
    "entrypoint",
    "docker-entrypoint",
    "start",
    "run",
    "boot",
    "launch",
    "startup",
    "init",
    "cmd",
    "docker-start",
    "start-web",
    "start-server",
];

/// Whether `document`, a script, starts an application: a Dockerfile, a Compose file or a manifest says so, or its name does.
pub(super) fn is_start_script(workspace: &Workspace, document: &Document) -> bool {
    let name = document.name();
    let stem = name
        .strip_suffix(".sh")
        .or_else(|| name.strip_suffix(".bash"))
        .unwrap_or(name);
    let named =
        NAMES.contains(&stem) || stem.ends_with("entrypoint") || stem.starts_with("entrypoint");
    named || is_started(workspace, name)
}

/// Whether an image or a service of the workspace is started by a file of this name.
pub(super) fn is_started(workspace: &Workspace, name: &str) -> bool {
    let started = workspace.known.started.get_or_init(|| started(workspace));
    started.contains(name)
}

/// The names of all words that images and services are started with.
fn started(workspace: &Workspace) -> BTreeSet<String> {
    let mut lines: Vec<String> = Vec::new();
    for (document, dockerfile) in workspace.dockerfiles() {
        let words = dockerfile.program(&document.text).words;
        lines.extend(words.into_iter().map(|(word, _)| word));
    }
    for (_, compose) in workspace.composes() {
        for (_, service) in services(&compose.root) {
            for node in ["command", "entrypoint"]
                .iter()
                .filter_map(|key| service.get(key))
            {
                lines.extend(node.text().map(str::to_owned));
                lines.extend(
                    node.items()
                        .iter()
                        .filter_map(|item| item.text().map(str::to_owned)),
                );
            }
        }
    }
    let words = lines.iter().flat_map(|line| line.split_whitespace());
    words
        .map(|word| word.trim_matches(['"', '\'']))
        .map(|word| word.rsplit('/').next().unwrap_or(word).to_owned())
        .collect()
}

/// Programs that go on until they are stopped.
const SERVERS: [&str; 27] = [
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "uwsgi",
    "celery",
    "flower",
    "rq",
    "dramatiq",
    "huey_consumer",
    "nginx",
    "httpd",
    "apache2",
    "caddy",
    "node",
    "java",
    "php-fpm",
    "supervisord",
    "puma",
    "unicorn",
    "sidekiq",
    "odoo",
    "odoo-bin",
    "redis-server",
    "postgres",
    "waitress-serve",
    "streamlit",
];

/// Words after `manage.py`, `flask`, `npm`... that begin something that goes on.
const SERVING: [&str; 11] = [
    "runserver",
    "run",
    "start",
    "serve",
    "worker",
    "beat",
    "server",
    "rqworker",
    "qcluster",
    "runworker",
    "runscheduler",
];

/// Whether a command goes on until it is stopped, as far as its name says.
pub(super) fn is_long_running(simple: &Simple) -> bool {
    let words: Vec<&str> = simple
        .words
        .iter()
        .map(|word| word.raw.rsplit('/').next().unwrap_or(&word.raw))
        .collect();
    let mut at = 0;
    loop {
        match words.get(at) {
            Some(
                &("exec" | "env" | "nice" | "tini" | "dumb-init" | "gosu" | "su-exec" | "uv"
                | "poetry" | "pipenv" | "bundle" | "--" | "-m" | "-g" | "-u"),
            ) => at += 1,
            Some(word) if word.contains('=') && !word.starts_with('-') => at += 1,
            Some(&"run") if at > 0 => at += 1,
            Some(word) if word.starts_with("python") => at += 1,
            _ => break,
        }
    }
    let Some(name) = words.get(at) else {
        return false;
    };
    let next = words.get(at + 1).copied().unwrap_or_default();
    if SERVERS.contains(name) {
        // `celery -A app call x`, `nginx -t` and the like end by themselves.
        let ends = [
            "--version",
            "-t",
            "--check-config",
            "--help",
            "-v",
            "inspect",
            "control",
            "call",
            "purge",
            "status",
        ];
        return !words[at + 1..].iter().any(|word| ends.contains(word));
    }
    match *name {
        "manage.py" | "flask" | "npm" | "yarn" | "pnpm" | "rails" | "django-admin" | "airflow"
        | "fastapi" => SERVING.contains(&next),
        "http.server" => true,
        name => {
            name.rsplit('.').next() == Some("py")
                && at > 0
                && matches!(
                    name,
                    "app.py" | "main.py" | "server.py" | "wsgi.py" | "bot.py" | "worker.py"
                )
        }
    }
}
