//! What a container prints in one of its lives.
//!
//! ```text
//! its log, followed
//!   '-- ended: begun again after the last line, while the container runs, and once more for its last words when it has ended
//! ```

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, unfold};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{Api, LogParams};
use tokio::time::timeout;

use super::line::{Line, Printer};
use super::lines::Lines;
use crate::connect::Cluster;
use crate::retry::{Limits, within};

/// How soon a log that has ended is asked for again; one that says nothing new, later each time, and at last after `LONGEST`.
const AGAIN: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(16);
/// After how long without a line a log is asked for again.
const SILENCE: Duration = Duration::from_secs(60);

/// One life of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    uid: String,
    container: String,
    restarts: i32,
}

/// The lives that containers of `pod` have begun.
pub(super) fn runs(pod: &Pod) -> Vec<Run> {
    let statuses = pod.status.iter();
    let containers = statuses.flat_map(|status| status.container_statuses.iter().flatten());
    let begun = containers.filter(|container| {
        let state = container.state.as_ref();
        state.is_some_and(|state| state.running.is_some() || state.terminated.is_some())
    });
    let run = |container: &k8s_openapi::api::core::v1::ContainerStatus| Run {
        uid: pod.uid().unwrap_or_default(),
        container: container.name.clone(),
        restarts: container.restart_count,
    };
    begun.map(run).collect()
}

/// What becomes of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    GoesOn,
    /// What it printed is the log of the container.
    Over,
    /// The next one has begun, whose the log of the container is: what this one printed is asked for as the `previous` log.
    Followed,
    /// Nobody keeps what it printed: the pod is gone, or it is longer ago.
    Forgotten,
}

/// How a life goes on that was there before, by how its pod is now.
fn course(pod: Option<&Pod>, run: &Run) -> Course {
    let pod = pod.filter(|pod| pod.metadata.uid.as_ref() == Some(&run.uid));
    let statuses = pod.iter().flat_map(|pod| pod.status.iter());
    let mut containers = statuses.flat_map(|status| status.container_statuses.iter().flatten());
    let Some(container) = containers.find(|container| container.name == run.container) else {
        return Course::Forgotten;
    };
    let state = container.state.as_ref();
    match container.restart_count - run.restarts {
        0 if state.is_some_and(|state| state.running.is_some()) => Course::GoesOn,
        0 => Course::Over,
        1 => Course::Followed,
        _ => Course::Forgotten,
    }
}

/// The log of one life of a container.
pub(super) struct Log {
    api: Api<Pod>,
    limits: Limits,
    printer: Printer,
    run: Run,
    last: Option<usize>,
    reader: Option<Lines>,
    seen: Option<Timestamp>,
    /// Before it is asked for again; none: it was not asked for yet.
    pause: Option<Duration>,
    /// Since when it is open.
    since: Instant,
    course: Course,
}

impl Log {
    /// That of `run`; its `last` lines, if so many are wanted of what was printed before.
    pub(super) fn new(cluster: &Cluster, printer: Printer, run: Run, last: Option<usize>) -> Self {
        Self {
            api: cluster.lasting(),
            limits: cluster.calls().limits(),
            printer,
            run,
            last,
            reader: None,
            seen: None,
            pause: None,
            since: Instant::now(),
            course: Course::GoesOn,
        }
    }

    /// Its lines, until the container has ended and has said all.
    pub(super) fn lines(self) -> BoxStream<'static, Line> {
        unfold(self, |mut log| async move {
            let line = log.next().await?;
            Some((line, log))
        })
        .boxed()
    }

    /// The next line; none when the container has ended and has said all.
    async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(reader) = &mut self.reader {
                // One that says nothing may be dead: it is asked for again.
                let next = timeout(SILENCE, reader.next()).await;
                if let Ok(Ok(Some(line))) = next {
                    let Some(line) = self.printer.read(&line) else {
                        continue;
                    };
                    // A log that is asked for again begins with the second that was seen last.
                    if self.seen.is_some_and(|seen| line.time <= seen) {
                        continue;
                    }
                    (self.seen, self.pause) = (Some(line.time), Some(AGAIN));
                    return Some(line);
                }
                if self.since.elapsed() > LONGEST {
                    self.pause = Some(AGAIN);
                }
                self.reader = None;
            }
            if self.course != Course::GoesOn {
                return None;
            }
            if let Some(pause) = self.pause {
                tokio::time::sleep(pause).await;
                self.pause = Some((pause * 2).min(LONGEST));
                let name = &self.printer.pod;
                let now = within(self.limits.answer, self.api.get_opt(name)).await;
                // What does not answer may again.
                if let Ok(pod) = now {
                    self.course = course(pod.as_ref(), &self.run);
                }
                if self.course == Course::Forgotten {
                    return None;
                }
            }
            self.pause.get_or_insert(AGAIN);
            self.ask().await;
        }
    }

    async fn ask(&mut self) {
        let params = LogParams {
            container: Some(self.run.container.clone()),
            follow: true,
            since_time: self.seen,
            tail_lines: match self.seen {
                None => self.last.and_then(|last| i64::try_from(last).ok()),
                Some(_) => None,
            },
            timestamps: true,
            previous: self.course == Course::Followed,
            ..LogParams::default()
        };
        let stream = self.api.log_stream(&self.printer.pod, &params);
        let stream = within(self.limits.answer, stream).await;
        self.reader = stream.ok().map(Lines::of);
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Course, Run, course};

    #[test]
    fn the_last_words_of_a_life_are_where_the_next_one_has_left_them() {
        let run = Run {
            uid: "7".to_owned(),
            container: "web".to_owned(),
            restarts: 2,
        };
        let now = |uid: &str, name: &str, restarts: i32, state: &str| {
            let pod = json!({"metadata": {"uid": uid}, "status": {"containerStatuses": [
                {"name": "beside", "restartCount": 2, "state": {"running": {}}, "ready": true, "image": "", "imageID": ""},
                {"name": name, "restartCount": restarts, "state": {state: {"exitCode": 0}}, "ready": true, "image": "", "imageID": ""},
            ]}});
            course(Some(&serde_json::from_value(pod).unwrap()), &run)
        };
        assert_eq!(now("7", "web", 2, "running"), Course::GoesOn);
        assert_eq!(now("7", "web", 2, "terminated"), Course::Over);
        assert_eq!(now("7", "web", 2, "waiting"), Course::Over);
        assert_eq!(now("7", "web", 3, "running"), Course::Followed);
        assert_eq!(now("7", "web", 3, "waiting"), Course::Followed);
        assert_eq!(now("7", "web", 4, "running"), Course::Forgotten);
        assert_eq!(now("8", "web", 2, "running"), Course::Forgotten);
        assert_eq!(now("7", "other", 2, "running"), Course::Forgotten);
        assert_eq!(course(None, &run), Course::Forgotten);
    }
}
