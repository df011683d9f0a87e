//! Lines as they are printed, of pods that come and go.
//!
//! ```text
//! pods, as they come --> a container that has begun --> its log, followed
//!                                                         '-- ended: begun again after the last line, while the container runs
//! ```

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use futures_util::io::{AsyncBufRead, AsyncBufReadExt as _, Lines};
use futures_util::stream::{BoxStream, SelectAll, unfold};
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use kube::api::{Api, LogParams};
use kube::runtime::watcher::Event;
use tokio::time::timeout;

use super::line::{Line, Printer};
use super::pods::{list, process, whenever};
use crate::connect::Cluster;
use crate::refusal::{Refusal, Said};
use crate::retry::{Limits, within};
use crate::watch::{Meter, Wanted, feed};

/// How soon a log that has ended is asked for again; one that says nothing new, later each time, and at last after `LONGEST`.
const AGAIN: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(16);
/// After how long without a line a log is asked for again.
const SILENCE: Duration = Duration::from_secs(60);
/// How long what has ended may take to say its last words, once the first is known.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Pods whose lines are followed.
pub struct Follow {
    cluster: Cluster,
    selector: String,
    processes: Vec<String>,
    last: Option<usize>,
    pods: BoxStream<'static, Result<Event<Pod>, Said>>,
    lines: SelectAll<BoxStream<'static, Line>>,
    known: BTreeSet<Run>,
}

/// One life of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    uid: String,
    container: String,
    restarts: i32,
}

/// What has come.
enum News {
    Pod(Box<Pod>),
    Line(Line),
    Nothing,
}

impl Follow {
    /// Those that `selector` chooses, of `processes` if some are named; `last` lines of those that are there.
    pub fn new(
        cluster: &Cluster,
        selector: &str,
        processes: &[String],
        last: Option<usize>,
    ) -> Self {
        let limits = cluster.calls().limits();
        let wanted = Wanted {
            labels: Some(selector.to_owned()),
            ..Wanted::default()
        };
        let pods = match cluster.herald() {
            Some(herald) => whenever(cluster, selector, herald),
            None => feed(cluster.api::<Pod>(), wanted, limits, Meter::default()).boxed(),
        };
        Self {
            cluster: cluster.clone(),
            selector: selector.to_owned(),
            processes: processes.to_vec(),
            last,
            pods,
            lines: SelectAll::new(),
            known: BTreeSet::new(),
        }
    }

    /// Tells all lines. Ends only if the cluster does not let us look.
    pub async fn forever(mut self, tell: &mut (dyn FnMut(&Line) + Send)) -> Result<(), Refusal> {
        loop {
            self.step(tell).await?;
        }
    }

    /// Tells all lines until `done`, and those that were printed before.
    pub async fn until<T>(
        mut self,
        done: impl Future<Output = T> + Unpin,
        tell: &mut (dyn FnMut(&Line) + Send),
    ) -> Result<T, Refusal> {
        let mut done = done;
        let answer = loop {
            let step = std::pin::pin!(self.step(tell));
            match select(done, step).await {
                Either::Left((answer, _)) => break answer,
                Either::Right((step, waiting)) => {
                    step?;
                    done = waiting;
                }
            }
        };
        // What has ended may not have been seen to begin.
        for pod in &list(&self.cluster, &self.selector).await? {
            self.see(pod);
        }
        let rest = async {
            while !self.lines.is_empty() {
                self.step(tell).await?;
            }
            Ok(())
        };
        match timeout(LAST_WORDS, rest).await {
            Ok(Err(refusal)) => Err(refusal),
            _ => Ok(answer),
        }
    }

    async fn step(&mut self, tell: &mut (dyn FnMut(&Line) + Send)) -> Result<(), Refusal> {
        match self.news().await? {
            News::Pod(pod) => self.see(&pod),
            News::Line(line) => tell(&line),
            News::Nothing => {}
        }
        Ok(())
    }

    async fn news(&mut self) -> Result<News, Refusal> {
        let of_pod = |event: Result<Option<Event<Pod>>, Said>| match event {
            Ok(Some(Event::Apply(pod) | Event::InitApply(pod))) => Ok(News::Pod(Box::new(pod))),
            Ok(_) => Ok(News::Nothing),
            Err(source) => Err(Refusal {
                doing: "watch pods".to_owned(),
                source,
            }),
        };
        if self.lines.is_empty() {
            return of_pod(self.pods.try_next().await);
        }
        match select(self.pods.try_next(), self.lines.next()).await {
            Either::Left((event, _)) => of_pod(event),
            Either::Right((line, _)) => Ok(line.map_or(News::Nothing, News::Line)),
        }
    }

    fn see(&mut self, pod: &Pod) {
        if !self.processes.is_empty() && !self.processes.contains(&process(pod)) {
            return;
        }
        for run in runs(pod) {
            if self.known.insert(run.clone()) {
                let log = Log::new(self, Printer::of(pod), run);
                self.lines.push(log.lines());
            }
        }
    }
}

/// The lives that containers of `pod` have begun.
fn runs(pod: &Pod) -> Vec<Run> {
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

/// Whether that life goes on.
fn goes_on(pod: &Pod, run: &Run) -> bool {
    let statuses = pod.status.iter();
    let mut containers = statuses.flat_map(|status| status.container_statuses.iter().flatten());
    runs(pod).contains(run)
        && containers.any(|container| {
            let state = container.state.as_ref();
            container.name == run.container && state.is_some_and(|state| state.running.is_some())
        })
}

/// The log of one life of a container.
struct Log {
    api: Api<Pod>,
    limits: Limits,
    printer: Printer,
    run: Run,
    last: Option<usize>,
    reader: Option<Lines<Pin<Box<dyn AsyncBufRead + Send>>>>,
    seen: Option<Timestamp>,
    /// Before it is asked for again; none: it was not asked for yet.
    pause: Option<Duration>,
    /// Since when it is open.
    since: Instant,
    is_over: bool,
}

impl Log {
    fn new(follow: &Follow, printer: Printer, run: Run) -> Self {
        Self {
            api: follow.cluster.lasting(),
            limits: follow.cluster.calls().limits(),
            printer,
            run,
            last: follow.last,
            reader: None,
            seen: None,
            pause: None,
            since: Instant::now(),
            is_over: false,
        }
    }

    fn lines(self) -> BoxStream<'static, Line> {
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
                let next = timeout(SILENCE, reader.try_next()).await;
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
            if self.is_over {
                return None;
            }
            if let Some(pause) = self.pause {
                tokio::time::sleep(pause).await;
                self.pause = Some((pause * 2).min(LONGEST));
                let name = &self.printer.pod;
                let now = within(self.limits.answer, self.api.get_opt(name)).await;
                // What does not answer may again.
                self.is_over = now.is_ok_and(|pod| pod.is_none_or(|pod| !goes_on(&pod, &self.run)));
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
            ..LogParams::default()
        };
        let stream = self.api.log_stream(&self.printer.pod, &params);
        let stream = within(self.limits.answer, stream).await;
        self.reader = stream.ok().map(|stream| {
            let stream: Pin<Box<dyn AsyncBufRead + Send>> = Box::pin(stream);
            stream.lines()
        });
        self.since = Instant::now();
    }
}
