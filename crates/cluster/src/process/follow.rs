//! Lines as they are printed, of pods that come and go.
//!
//! ```text
//! pods, as they come --> a container that has begun --> the log of that life, to its end
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{BoxStream, SelectAll};
use futures_util::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::Event;
use tokio::time::timeout;

use super::life::{Log, Run, runs};
use super::line::{Line, Printer};
use super::pods::{list, process, whenever};
use crate::connect::Cluster;
use crate::refusal::{Refusal, Said};
use crate::watch::{Meter, Wanted, feed};

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
                let log = Log::new(&self.cluster, Printer::of(pod), run, self.last);
                self.lines.push(log.lines());
            }
        }
    }
}
