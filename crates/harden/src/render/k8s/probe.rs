//! How the kubelet asks a container.

use boatyard_init::contract::BINARY;
use boatyard_plan::project::Role;
use boatyard_plan::run::Probe;

use crate::render::yaml::{Map, Tree};

/// Name of the port in manifests.
pub(super) const PORT: &str = "http";

/// With the probes of `role`.
pub(super) fn probes(role: &Role, container: Map) -> Map {
    let ready = said(role.ready.as_deref(), role.port)
        .or_else(|| role.port.map(|port| Probe::Tcp { port }));
    let alive = said(role.alive.as_deref(), role.port).or(match &ready {
        // Whether the process still listens. What it depends on is not its fault.
        Some(Probe::Http { port, .. }) => Some(Probe::Tcp { port: *port }),
        _ => None,
    });
    let Some(ready) = ready else {
        return match alive {
            Some(alive) => container.set("livenessProbe", living(role, &alive)),
            None => container,
        };
    };
    let question = question(role, &ready, Asks::Ready);
    let mut container = container;
    if alive.is_some() {
        container = container.because(
            "two minutes to start, before anybody asks whether it is alive",
            "startupProbe",
            timed(question.clone(), &ready, [2, 3, 60]),
        );
    }
    container = container.because(
        "no requests while it cannot serve them",
        "readinessProbe",
        timed(question, &ready, [5, 3, 3]),
    );
    match alive {
        Some(alive) => container.because(
            "asks the process alone, and patiently: what is only busy is not restarted",
            "livenessProbe",
            living(role, &alive),
        ),
        None => container,
    }
}

/// With those of a backing service: asked often until it has started, and given ten minutes for that, since after a kill it
/// may have to read all that it wrote last.
pub(super) fn of_backing(role: &Role, container: Map) -> Map {
    let Some(ready) = said(role.ready.as_deref(), role.port) else {
        return container;
    };
    let question = question(role, &ready, Asks::Ready);
    container
        .because(
            "ten minutes to start: it may have to recover",
            "startupProbe",
            timed(question.clone(), &ready, [1, 3, 300]),
        )
        .because(
            "nobody is led to it while it cannot serve",
            "readinessProbe",
            timed(question, &ready, [5, 3, 3]),
        )
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Ready,
    Alive,
}

fn living(role: &Role, alive: &Probe) -> Map {
    timed(question(role, alive, Asks::Alive), alive, [10, 5, 6])
}

/// The probe that `text` describes; it was checked when the project was read.
fn said(text: Option<&str>, port: Option<u16>) -> Option<Probe> {
    Some(Probe::parse(text?, port).expect("it was checked when the project was read"))
}

fn question(role: &Role, probe: &Probe, asks: Asks) -> Map {
    let named = |port: u16| -> Tree {
        if role.port == Some(port) {
            PORT.into()
        } else {
            port.into()
        }
    };
    match probe {
        Probe::Http { port, path } => {
            let host = Map::new()
                .set("name", "Host")
                .set("value", format!("127.0.0.1:{port}"));
            Map::new().set(
                "httpGet",
                Map::new()
                    .set("path", path)
                    .set("port", named(*port))
                    .because(
                        "as \"boatyard up\" asks: frameworks refuse the address of a pod as a host",
                        "httpHeaders",
                        [host],
                    ),
            )
        }
        Probe::Tcp { port } => Map::new().set("tcpSocket", Map::new().set("port", named(*port))),
        Probe::Exec { line } => {
            let words: Vec<&str> = match asks {
                Asks::Ready => vec![BINARY, "ready"],
                Asks::Alive => vec![BINARY, "--from-app", "exec", "--", "sh", "-c", line],
            };
            Map::new().set("exec", Map::new().set("command", words))
        }
    }
}

/// The question every so many seconds, for so many seconds, so many times. A command takes longer than a connection.
fn timed(question: Map, probe: &Probe, [period, timeout, failures]: [u32; 3]) -> Map {
    let slower = if matches!(probe, Probe::Exec { .. }) {
        2
    } else {
        1
    };
    question
        .set("periodSeconds", period * slower)
        .set("timeoutSeconds", timeout * slower)
        .set("failureThreshold", failures)
}
