//! Which Dockerfile makes the image that a manifest or a Compose file names, and what it runs.

use std::collections::BTreeSet;

use boatyard_plan::dockerfile::Kind;

use crate::dockerfile::{Dockerfile, Name};
use crate::kubernetes::Container;
use crate::workspace::{Document, Workspace};
use crate::yaml::Node;

/// A Dockerfile and the file that it is.
pub(super) type Made<'w> = (&'w Document, &'w Dockerfile);

/// The Dockerfile that makes the image `name`: a Compose file says so, its folder or its name does, or there is one only.
pub(super) fn source<'w>(workspace: &'w Workspace, name: &str) -> Option<Made<'w>> {
    let wanted = Name::of(name);
    for (document, compose) in workspace.composes() {
        for (_, service) in services(&compose.root) {
            let same = service
                .string("image")
                .is_some_and(|image| Name::of(&image).path == wanted.path);
            if same && let Some(made) = built(workspace, document, &service) {
                return Some(made);
            }
        }
    }
    let short = wanted.short();
    let named = |document: &Document| {
        let name = document.name().to_ascii_lowercase();
        let folder = document
            .folder()
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        name == format!("dockerfile.{short}")
            || name == format!("{short}.dockerfile")
            || (folder == short && name == "dockerfile")
    };
    let mut all = workspace.dockerfiles();
    if let Some(made) = all.find(|(document, _)| named(document)) {
        return Some(made);
    }
    // One image and one Dockerfile belong together, unless the image is somebody else's.
    let mut one = workspace.dockerfiles();
    let made = one.next()?;
    let ours = || {
        let images = workspace.known.images.get_or_init(|| images(workspace));
        images.iter().all(|image| image == wanted.path)
    };
    (one.next().is_none() && !is_foreign(name) && ours()).then_some(made)
}

/// Images that workloads run and that are not everybody's, without tags.
fn images(workspace: &Workspace) -> BTreeSet<String> {
    crate::kubernetes::workloads(workspace)
        .iter()
        .flat_map(|workload| &workload.containers)
        .filter_map(|container| container.image()?.text().map(str::to_owned))
        .filter(|image| !is_foreign(image))
        .map(|image| Name::of(&image).path.to_owned())
        .collect()
}

/// Whether an image is one that everybody uses.
fn is_foreign(image: &str) -> bool {
    const KNOWN: [&str; 16] = [
        "postgres",
        "redis",
        "nginx",
        "busybox",
        "alpine",
        "debian",
        "rabbitmq",
        "mysql",
        "mariadb",
        "memcached",
        "mongo",
        "python",
        "node",
        "curl",
        "traefik",
        "valkey",
    ];
    let name = Name::of(image);
    KNOWN.contains(&name.short()) || name.path.contains("k8s.io/") || name.path.contains("bitnami/")
}

/// The services of a Compose file, by name.
pub(super) fn services(root: &Node) -> Vec<(String, Node)> {
    root.get("services")
        .map(|services| {
            services
                .entries()
                .iter()
                .filter_map(|entry| Some((entry.key.text()?.to_owned(), entry.value.clone())))
                .collect()
        })
        .unwrap_or_default()
}

/// The Dockerfile that makes the image of a container.
pub(super) fn of_container<'w>(
    workspace: &'w Workspace,
    container: &Container,
) -> Option<Made<'w>> {
    source(workspace, container.image()?.text()?)
}

/// The Dockerfile that a service of a Compose file is built from.
pub(super) fn built<'w>(
    workspace: &'w Workspace,
    document: &Document,
    service: &Node,
) -> Option<Made<'w>> {
    let build = service.get("build")?;
    let context = build
        .text()
        .map(str::to_owned)
        .or_else(|| build.string("context"))
        .unwrap_or_else(|| ".".to_owned());
    let file = build
        .string("dockerfile")
        .unwrap_or_else(|| "Dockerfile".to_owned());
    let path = clean(&format!("{}{context}/{file}", document.folder()));
    workspace
        .dockerfiles()
        .find(|(other, _)| other.path == path)
}

/// A path without `.` and `..`.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Dockerfile {
    /// The last `USER`, as it is written.
    pub(super) fn user(&self) -> Option<String> {
        self.made()
            .filter_map(|(_, one)| match &one.kind {
                Kind::User(word) => Some(word.text.trim_matches(['"', '\'']).to_owned()),
                _ => None,
            })
            .last()
    }

    /// The value of `ENV name`, the last one.
    pub(super) fn env(&self, name: &str) -> Option<String> {
        self.made()
            .filter_map(|(_, one)| match &one.kind {
                Kind::Env(pairs) => pairs
                    .iter()
                    .rev()
                    .find(|pair| pair.name.text == name)?
                    .value
                    .as_ref(),
                _ => None,
            })
            .last()
            .map(|word| word.text.trim_matches(['"', '\'']).to_owned())
    }

    /// The ports of `EXPOSE`.
    pub(super) fn ports(&self) -> Vec<i64> {
        self.made()
            .filter_map(|(_, one)| match &one.kind {
                Kind::Expose(ports) => Some(ports),
                _ => None,
            })
            .flatten()
            .filter_map(|port| port.text.split('/').next()?.parse().ok())
            .collect()
    }

    /// The port that the image listens on, as far as the file says: what its program is bound to, `PORT`, or the one that is
    /// exposed.
    pub(super) fn port(&self, text: &str) -> Option<i64> {
        let words = self.program(text).bare();
        let line = words.join(" ");
        bound(&line)
            .or_else(|| self.env("PORT")?.parse().ok())
            .or_else(|| match self.ports()[..] {
                [port] => Some(port),
                _ => None,
            })
    }
}

/// The port that a command is told to listen on.
pub(super) fn bound(line: &str) -> Option<i64> {
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let word = word.trim_matches(['"', '\'']);
        let value = match word {
            "-b" | "--bind" | "--port" | "-p" | "--http" | "--http-socket" | "--listen"
            | "runserver" => words.peek().copied().unwrap_or_default(),
            word => ["--bind=", "--port=", "--http=", "--listen="]
                .iter()
                .find_map(|flag| word.strip_prefix(flag))
                .unwrap_or_default(),
        };
        let value = value.trim_matches(['"', '\'']);
        let number = value.rsplit(':').next().unwrap_or_default();
        if let Ok(port) = number.parse::<u16>()
            && port > 0
        {
            return Some(i64::from(port));
        }
    }
    None
}

/// Whole seconds that a command gives its program for a graceful stop, if it says so.
pub(super) fn graceful_secs(line: &str) -> Option<i64> {
    let mut words = line.split_whitespace().peekable();
    while let Some(word) = words.next() {
        for flag in [
            "--graceful-timeout",
            "--timeout-graceful-shutdown",
            "--grace",
        ] {
            let value = if word == flag {
                words.peek().copied()
            } else {
                word.strip_prefix(flag)
                    .and_then(|rest| rest.strip_prefix('='))
            };
            if let Some(seconds) = value.and_then(crate::kubernetes::duration_secs) {
                return Some(seconds);
            }
        }
    }
    None
}

/// The line that a service or a container runs: its own words, or those of the image and the script that it starts.
pub(super) fn line(workspace: &Workspace, own: &[String], made: Option<Made<'_>>) -> String {
    let words = if own.is_empty() {
        made.map(|(document, dockerfile)| {
            dockerfile
                .program(&document.text)
                .words
                .into_iter()
                .map(|(word, _)| word)
                .collect()
        })
        .unwrap_or_default()
    } else {
        own.to_vec()
    };
    let mut line = words.join(" ");
    let scripts = workspace.scripts().filter(|(document, _)| {
        words
            .iter()
            .flat_map(|word| word.split_whitespace())
            .any(|word| word.rsplit('/').next() == Some(document.name()))
    });
    for (document, _) in scripts {
        line.push(' ');
        line.push_str(&document.text);
    }
    line
}
