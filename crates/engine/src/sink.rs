//! Where progress goes.

use std::sync::Arc;
use std::time::Instant;

use boatyard_plan::event::{Event, Level, Outcome};

/// Takes events, from any thread. Must not block for long.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// A piece of work under way: says that it began, and how it ended.
pub(crate) struct Work<'a> {
    sink: &'a Sink,
    id: String,
    began: Instant,
    ended: bool,
}

impl<'a> Work<'a> {
    /// Says that the work began.
    pub(crate) fn begin(sink: &'a Sink, id: &str, parent: Option<&str>, title: &str) -> Self {
        sink(Event::Started {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            title: title.to_owned(),
        });
        Self {
            sink,
            id: id.to_owned(),
            began: Instant::now(),
            ended: false,
        }
    }

    /// Says how it ended.
    pub(crate) fn end(mut self, outcome: Outcome, size_bytes: Option<u64>) {
        self.finish(outcome, size_bytes);
    }

    /// Milliseconds since it began.
    pub(crate) fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn finish(&mut self, outcome: Outcome, size_bytes: Option<u64>) {
        self.ended = true;
        (self.sink)(Event::Finished {
            id: self.id.clone(),
            outcome,
            millis: self.millis(),
            size_bytes,
        });
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.finish(Outcome::Failed, None);
        }
    }
}

/// A sink for work that is a part of the work `outer`: ids begin with it, and what was a part of nothing is one of it.
pub(crate) fn under(sink: &Sink, outer: &str) -> Sink {
    let (sink, outer) = (Arc::clone(sink), outer.to_owned());
    Arc::new(move |mut event| {
        match &mut event {
            Event::Started { id, parent, .. } => {
                *parent = Some(match parent.take() {
                    Some(inner) => format!("{outer}/{inner}"),
                    None => outer.clone(),
                });
                *id = format!("{outer}/{id}");
            }
            Event::Progress { id, .. } | Event::Output { id, .. } | Event::Finished { id, .. } => {
                *id = format!("{outer}/{id}");
            }
            _ => {}
        }
        sink(event);
    })
}

/// Says something people should know.
pub(crate) fn notice(sink: &Sink, level: Level, message: impl Into<String>, help: Option<&str>) {
    sink(Event::Notice {
        level,
        message: message.into(),
        help: help.map(str::to_owned),
    });
}
