//! How a watch fares, in figures.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::refusal::Said;

/// What became of a watch of one kind so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Changes that came, those of the lists not counted.
    pub events: u64,
    /// Bookmarks: the server says that there is nothing new up to now.
    pub bookmarks: u64,
    /// Lists from the beginning that were whole; one is as it should be.
    pub lists: u64,
    /// Watches that began.
    pub watches: u64,
    /// Watches that ended before their time: closed, failed, or silent.
    pub breaks: u64,
    /// How often the server knew nothing so old any more (410), and all was listed again.
    pub gone: u64,
    /// All that failed: calls, and what is counted in `breaks`.
    pub failures: u64,
    /// For how long nothing was heard from the server: how old what is known may be.
    pub silence: Duration,
}

/// Counts; all copies count together.
#[derive(Clone, Debug)]
pub struct Meter {
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug)]
struct Counted {
    figures: Figures,
    heard: Instant,
    failure: Option<String>,
}

impl Default for Meter {
    fn default() -> Self {
        let counted = Counted {
            figures: Figures::default(),
            heard: Instant::now(),
            failure: None,
        };
        Self {
            counted: Arc::new(Mutex::new(counted)),
        }
    }
}

impl Meter {
    /// The figures as they are now.
    pub fn read(&self) -> Figures {
        let counted = self.counted();
        Figures {
            silence: counted.heard.elapsed(),
            ..counted.figures.clone()
        }
    }

    /// What failed last, if nothing was heard since.
    pub fn failure(&self) -> Option<String> {
        self.counted().failure.clone()
    }

    pub(super) fn heard(&self) {
        let mut counted = self.counted();
        counted.heard = Instant::now();
        counted.failure = None;
    }

    pub(super) fn changed(&self) {
        self.counted().figures.events += 1;
    }

    pub(super) fn marked(&self) {
        self.counted().figures.bookmarks += 1;
    }

    pub(super) fn listed(&self) {
        self.counted().figures.lists += 1;
    }

    pub(super) fn watched(&self) {
        self.heard();
        self.counted().figures.watches += 1;
    }

    pub(super) fn broke(&self) {
        self.counted().figures.breaks += 1;
    }

    pub(super) fn gone(&self) {
        self.counted().figures.gone += 1;
    }

    pub(super) fn failed(&self, said: &Said) {
        let mut counted = self.counted();
        counted.figures.failures += 1;
        counted.failure = Some(said.to_string());
        if matches!(said, Said::Server { .. }) {
            counted.heard = Instant::now();
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prometheus's text format (version 0.0.4) of the watches of some kinds.
pub fn exposition(watches: &[(&str, Figures)]) -> String {
    type Read = fn(&Figures) -> u64;
    let counters: [(&str, &str, Read); 7] = [
        ("events", "Changes that came.", |one| one.events),
        ("bookmarks", "Bookmarks that came.", |one| one.bookmarks),
        ("lists", "Lists from the beginning.", |one| one.lists),
        ("watches", "Watches that began.", |one| one.watches),
        ("breaks", "Watches that ended before their time.", |one| {
            one.breaks
        }),
        (
            "gone",
            "Versions that were too old for the server (410).",
            |one| one.gone,
        ),
        ("failures", "All that failed.", |one| one.failures),
    ];
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Figures) -> String| {
        let name = format!("boatyard_watch_{name}");
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (watched, figures) in watches {
            let _ = writeln!(text, "{name}{{kind=\"{watched}\"}} {}", value(figures));
        }
    };
    for (name, help, read) in counters {
        let value = |figures: &Figures| read(figures).to_string();
        family(&format!("{name}_total"), "counter", help, &value);
    }
    let silence = |figures: &Figures| format!("{:.3}", figures.silence.as_secs_f64());
    let help = "For how long nothing was heard from the server.";
    family("silence_seconds", "gauge", help, &silence);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_reads_them() {
        let pods = Figures {
            events: 7,
            lists: 2,
            gone: 1,
            silence: Duration::from_millis(1500),
            ..Figures::default()
        };
        let text = exposition(&[("Pod", pods), ("Job", Figures::default())]);
        for lines in [
            "# HELP boatyard_watch_events_total Changes that came.\n# TYPE boatyard_watch_events_total counter\n\
             boatyard_watch_events_total{kind=\"Pod\"} 7\nboatyard_watch_events_total{kind=\"Job\"} 0\n",
            "boatyard_watch_lists_total{kind=\"Pod\"} 2\n",
            "boatyard_watch_gone_total{kind=\"Pod\"} 1\n",
            "# TYPE boatyard_watch_silence_seconds gauge\nboatyard_watch_silence_seconds{kind=\"Pod\"} 1.500\n",
        ] {
            assert!(text.contains(lines), "no {lines:?} in {text}");
        }
        assert_eq!(text.lines().count(), 8 * 4);
    }

    #[test]
    fn a_server_that_refuses_was_heard_and_one_that_is_not_reached_was_not() {
        let meter = Meter::default();
        let code = |code| Said::Server {
            code,
            message: "no".to_owned(),
        };
        let silence = || Said::Unreached {
            message: "no answer after 1 s".to_owned(),
        };
        let begin = meter.counted().heard;
        meter.failed(&silence());
        assert_eq!(meter.counted().heard, begin);
        assert_eq!(meter.failure().as_deref(), Some("no answer after 1 s"));
        meter.failed(&code(500));
        assert!(meter.counted().heard > begin);
        meter.watched();
        assert_eq!(meter.failure(), None);
        let figures = meter.read();
        assert_eq!((figures.failures, figures.watches), (2, 1));
    }
}
