//! What is counted, for Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use boatyard_cluster::retry::Counted;
use boatyard_preview::environment::Slot;
use boatyard_preview::phase::Phase;
use boatyard_preview::time::Time;

use super::histogram::Histogram;
use super::queue;
use super::site::Site;

/// What is counted since the server began.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Deliveries of forges.
    pub hooks: Hooks,
    /// From a delivery's arrival until it is decided on and written down: its effects begin then.
    pub reaction: Histogram,
    /// From when somebody first waited for an environment until it ran.
    pub wake: Histogram,
    /// How long environments took to be prepared.
    pub prepare: Histogram,
    /// Streams of events that are open.
    pub streams: AtomicU64,
    /// Requests for environments.
    pub proxied: AtomicU64,
}

/// Deliveries of forges.
#[derive(Debug, Default)]
pub struct Hooks {
    heard: AtomicU64,
    known: AtomicU64,
    refused: AtomicU64,
}

impl Hooks {
    /// One was new.
    pub fn heard(&self) {
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    /// One had come before.
    pub fn known(&self) {
        self.known.fetch_add(1, Ordering::Relaxed);
    }

    /// One was not signed rightly, could not be read or not be written down.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

/// What there is of environments.
struct There {
    phases: Vec<(Phase, usize)>,
    oldest: Option<Time>,
    limits: [(&'static str, usize, usize); 3],
    snapshots: (usize, u64),
    troubles: [(&'static str, usize); 4],
    calls: Option<Counted>,
}

/// `GET /metrics`
pub async fn metrics(State(site): State<Site>) -> Response {
    let text = write(site.metrics(), &there(&site), site.now());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

fn there(site: &Site) -> There {
    let calls = site.backend().calls();
    let troubles = site.troubles().all();
    let troubles = ["watching", "telling", "answering", "hearing"].map(|name| {
        let of = troubles.keys().filter(|work| work.name() == name);
        (name, of.count())
    });
    site.keeper().look(|known| {
        let all = known.inventory.all();
        let count = |phase| all.clone().filter(|one| one.phase == phase).count();
        let queued = all.clone().filter(|one| one.phase == Phase::Queued);
        let limits = &known.policy.limits;
        let inventory = &known.inventory;
        There {
            phases: Phase::ALL
                .into_iter()
                .map(|phase| (phase, count(phase)))
                .collect(),
            oldest: queued.map(|one| one.since).min(),
            limits: [
                (
                    "preparing",
                    limits.preparing,
                    inventory.held(Slot::Preparing),
                ),
                ("running", limits.running, inventory.held(Slot::Running)),
                ("kept", limits.kept, inventory.kept()),
            ],
            snapshots: queue::snapshots(inventory),
            troubles,
            calls,
        }
    })
}

fn write(metrics: &Metrics, there: &There, now: Time) -> String {
    let mut out = String::new();
    let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    head(&mut out, "environments", "gauge", "environments by phase");
    for (phase, count) in &there.phases {
        let _ = writeln!(
            out,
            "boatyard_environments{{phase=\"{}\"}} {count}",
            phase.name()
        );
    }
    let oldest = there
        .oldest
        .map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
    head(
        &mut out,
        "queue_age_seconds",
        "gauge",
        "how long the first of the queue has waited",
    );
    let _ = writeln!(out, "boatyard_queue_age_seconds {oldest}");
    head(&mut out, "limit", "gauge", "how many there may be at once");
    for (what, limit, _) in there.limits {
        let _ = writeln!(out, "boatyard_limit{{of=\"{what}\"}} {limit}");
    }
    head(&mut out, "taken", "gauge", "how much of the limit is taken");
    for (what, _, taken) in there.limits {
        let _ = writeln!(out, "boatyard_taken{{of=\"{what}\"}} {taken}");
    }
    snapshots(&mut out, there.snapshots);
    head(
        &mut out,
        "troubles",
        "gauge",
        "repositories that cannot be watched, and whether forges cannot be told, or the cluster not heard",
    );
    for (of, count) in there.troubles {
        let _ = writeln!(out, "boatyard_troubles{{of=\"{of}\"}} {count}");
    }
    if let Some(calls) = &there.calls {
        cluster(&mut out, calls);
    }
    head(&mut out, "hooks_total", "counter", "deliveries of forges");
    let hooks = &metrics.hooks;
    for (result, count) in [
        ("heard", &hooks.heard),
        ("known", &hooks.known),
        ("refused", &hooks.refused),
    ] {
        let _ = writeln!(
            out,
            "boatyard_hooks_total{{result=\"{result}\"}} {}",
            number(count)
        );
    }
    head(
        &mut out,
        "streams",
        "gauge",
        "streams of events that are open",
    );
    let _ = writeln!(out, "boatyard_streams {}", number(&metrics.streams));
    head(
        &mut out,
        "proxied_total",
        "counter",
        "requests for environments",
    );
    let _ = writeln!(out, "boatyard_proxied_total {}", number(&metrics.proxied));
    let histograms = [
        (
            &metrics.reaction,
            "reaction_seconds",
            "from a delivery until it is decided on and written down",
        ),
        (
            &metrics.wake,
            "wake_seconds",
            "from when somebody waited for an environment until it ran",
        ),
        (
            &metrics.prepare,
            "prepare_seconds",
            "how long environments took to be prepared",
        ),
    ];
    for (histogram, name, help) in histograms {
        histogram.write(&mut out, &format!("boatyard_{name}"), help);
    }
    out
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(
        out,
        "# HELP boatyard_{name} {help}\n# TYPE boatyard_{name} {kind}"
    );
}

/// How calls of the cluster went.
fn cluster(out: &mut String, calls: &Counted) {
    let help = "calls of the API server of the cluster";
    head(out, "cluster_calls_total", "counter", help);
    for (result, count) in [
        ("answered", calls.answered),
        ("refused", calls.refused),
        ("unanswered", calls.unanswered),
    ] {
        let _ = writeln!(
            out,
            "boatyard_cluster_calls_total{{result=\"{result}\"}} {count}"
        );
    }
    let help = "how often they were tried";
    head(out, "cluster_tries_total", "counter", help);
    let _ = writeln!(out, "boatyard_cluster_tries_total {}", calls.tries);
    let help = "how long they took together";
    head(out, "cluster_call_seconds_total", "counter", help);
    let seconds = calls.time.as_secs_f64();
    let _ = writeln!(out, "boatyard_cluster_call_seconds_total {seconds}");
}

/// How many snapshots there are, and how many bytes they have.
fn snapshots(out: &mut String, (count, bytes): (usize, u64)) {
    head(out, "snapshots", "gauge", "snapshots of environments");
    let _ = writeln!(out, "boatyard_snapshots {count}");
    let help = "how much they are together";
    head(out, "snapshot_bytes", "gauge", help);
    let _ = writeln!(out, "boatyard_snapshot_bytes {bytes}");
}
