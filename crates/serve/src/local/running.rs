//! Starting an environment, and noticing that it has ended.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use boatyard_preview::environment::Environment;
use boatyard_preview::id::Id;
use boatyard_preview::phase::Event;
use serde::Deserialize;
use tokio::task::JoinHandle;

use crate::lane::{Stop, Trouble, Up};
use crate::logs::{BAR, Part, now};
use crate::site::child::{self, From};
use crate::site::{Done, Site, front};

/// Until what runs is followed again, if who followed it has died.
const AGAIN: Duration = Duration::from_secs(1);

/// What `boatyard ps --json` tells.
#[derive(Deserialize)]
struct Listing {
    ready: bool,
    processes: Vec<Process>,
}

#[derive(Deserialize)]
struct Process {
    name: String,
    url: Option<String>,
}

/// A line of `boatyard logs --json`.
#[derive(Deserialize)]
struct Line {
    millis: u64,
    process: String,
    #[serde(rename = "line")]
    text: String,
}

/// An environment that runs: somebody follows what it prints, which ends with it.
pub(crate) struct Running {
    site: Arc<Site>,
    one: Environment,
    logs: JoinHandle<()>,
    stop: Stop,
}

impl Up for Running {
    /// Its last lines are in the log by then.
    async fn ended(&mut self) -> Event {
        loop {
            let _ = (&mut self.logs).await;
            match self.site.listed(&self.one, &self.stop).await {
                // Only who followed it has ended, and it goes on.
                Ok(Some(_)) => {
                    tokio::time::sleep(AGAIN).await;
                    let seen = self.site.settings.logs.seen(&self.one.id);
                    self.logs = self.site.follow(&self.one, seen, &self.stop);
                }
                _ => break,
            }
        }
        self.site.set_address(&self.one.id, None);
        Event::Fail(self.site.why_ended(&self.one.id))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

impl Site {
    /// Starts it, or finds it running; it answers when this returns.
    pub(super) async fn start(
        self: &Arc<Self>,
        one: &Environment,
        stop: &Stop,
    ) -> Result<Running, Trouble> {
        if let Some(running) = self
            .find(one, self.settings.logs.seen(&one.id), stop)
            .await?
        {
            return Ok(running);
        }
        self.stop(one, stop).await?;
        // Of what it printed before, all is in the log.
        let began = now();
        let mut words = self.up(one).await;
        words.push("--detach".into());
        if let Err(trouble) = self.quickly(one, words, stop).await {
            let left = self.stop(one, &Stop::new()).await;
            return Err(trouble.with(left.err()));
        }
        let ended = || Trouble::Failed(self.why_ended(&one.id));
        self.find(one, began, stop).await?.ok_or_else(ended)
    }

    /// Runs what was prepared. Its images may have been removed by somebody: they are made again.
    pub(super) async fn quickly(
        &self,
        one: &Environment,
        words: Vec<OsString>,
        stop: &Stop,
    ) -> Result<(), Trouble> {
        let mut quickly = words.clone();
        quickly.push("--prepared".into());
        match self.call(&one.id, Part::Run, quickly, stop).await {
            Err(Trouble::Failed(why)) if why.contains("is not in the store") => {
                self.call(&one.id, Part::Run, words, stop).await
            }
            other => other,
        }
    }

    /// Stops it; that it does not run is what was wanted.
    pub(super) async fn stop(&self, one: &Environment, stop: &Stop) -> Result<(), Trouble> {
        self.set_address(&one.id, None);
        if !self.project(one).is_dir() {
            return Ok(());
        }
        let words = self.at(one, &["down"]);
        // What it answers is for programs, not for the log.
        match self.done(&self.home(&one.id), words, stop).await? {
            Done::Well(_) => Ok(()),
            Done::Badly { why, .. } => Err(Trouble::failed("stop it", why)),
        }
    }

    /// Why it has ended by itself, as far as its log knows.
    pub(super) fn why_ended(&self, id: &Id) -> String {
        let last = self.settings.logs.last(id, Part::Run, 5);
        format!("it ended by itself; its last lines:\n{}", last.join("\n"))
    }

    /// The environment, if it runs and is ready; what it printed until `seen` is in the log.
    async fn find(
        self: &Arc<Self>,
        one: &Environment,
        seen: u64,
        stop: &Stop,
    ) -> Result<Option<Running>, Trouble> {
        if !self.project(one).is_dir() {
            return Ok(None);
        }
        let Some(address) = self.listed(one, stop).await? else {
            return Ok(None);
        };
        self.set_address(&one.id, Some(address));
        let (site, one, stop) = (Arc::clone(self), one.clone(), Stop::new());
        let logs = self.follow(&one, seen, &stop);
        Ok(Some(Running {
            site,
            one,
            logs,
            stop,
        }))
    }

    /// Where an environment that is ready answers; nothing if it is not.
    async fn listed(&self, one: &Environment, stop: &Stop) -> Result<Option<SocketAddr>, Trouble> {
        let words = self.at(one, &["ps"]);
        let text = self.answer(&self.home(&one.id), words, stop).await?;
        let listing = serde_json::from_str(&text.unwrap_or_default());
        let Ok(Listing {
            ready: true,
            processes,
        }) = listing
        else {
            return Ok(None);
        };
        let open = processes.iter().filter_map(|process| {
            let url = process.url.as_deref()?.strip_prefix("http://")?;
            Some((process.name.as_str(), url.parse().ok()?))
        });
        front(open, |(name, _)| name).map(|(_, address)| Some(address))
    }

    /// Copies what its processes print after `seen` to the log, until it ends.
    fn follow(self: &Arc<Self>, one: &Environment, seen: u64, stop: &Stop) -> JoinHandle<()> {
        let words = self.at(one, &["logs", "--follow"]);
        let command = self.command(&self.home(&one.id), words);
        let (site, id, stop) = (Arc::clone(self), one.id, stop.clone());
        tokio::spawn(async move {
            let logs = &site.settings.logs;
            // Who follows gets all from the beginning. What comes after something new is new, also where the clock has gone back.
            let mut is_new = false;
            let take = |from, line: &str| {
                if from == From::Out
                    && let Ok(line) = serde_json::from_str::<Line>(line)
                    && (is_new || line.millis > seen)
                {
                    is_new = true;
                    let text = format!("{}{BAR}{}", line.process, line.text);
                    logs.append_at(&id, Part::Run, line.millis, &text);
                }
            };
            let _ = child::run(command, &stop, take).await;
        })
    }
}
