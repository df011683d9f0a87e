//! Services that live only in a table.

use std::collections::BTreeMap;
use std::time::Duration;

use boatyard_init::contract::{Contract, parse};
use boatyard_init::exit::Ending;
use boatyard_init::signal::Signal;
use boatyard_init::supervise::{Action, Event, Plan, Supervisor};

pub struct World {
    pub supervisor: Supervisor,
    pub plan: Plan,
    /// Milliseconds.
    pub now: u64,
    pub live: BTreeMap<usize, u64>,
    pub log: Vec<String>,
    pub exit: Option<u8>,
}

pub fn plan(role: &str) -> Plan {
    let text = format!(r#"{{"version":1,"project":"p","service":"s","roles":{{"r":{role}}}}}"#);
    let contract: Contract = parse(text.as_bytes()).unwrap();
    Plan::of(&contract.roles["r"]).unwrap()
}

impl World {
    pub fn new(plan: Plan) -> Self {
        let supervisor = Supervisor::new(plan.clone());
        Self {
            supervisor,
            plan,
            now: 0,
            live: BTreeMap::new(),
            log: Vec::new(),
            exit: None,
        }
    }

    pub fn name(&self, index: usize) -> &str {
        &self.plan.services[index].name
    }

    pub fn index(&self, name: &str) -> usize {
        self.plan
            .services
            .iter()
            .position(|spec| spec.name == name)
            .unwrap()
    }

    /// Gives an event, and does what the layer below would do; what was done comes back.
    pub fn step(&mut self, event: Event) -> Vec<Action> {
        let mut events = vec![event];
        let mut done = Vec::new();
        while let Some(event) = events.pop() {
            let actions = self.supervisor.step(event, Duration::from_millis(self.now));
            for action in &actions {
                let second = self.now / 1000;
                match action {
                    Action::Start(index) => {
                        assert!(
                            self.live.insert(*index, self.now).is_none(),
                            "{} runs already",
                            self.name(*index)
                        );
                        self.log
                            .push(format!("{second} start {}", self.name(*index)));
                        events.push(Event::Started(*index));
                    }
                    Action::Probe(index) => assert!(self.live.contains_key(index)),
                    Action::Send(index, signal) => {
                        assert!(
                            self.live.contains_key(index),
                            "{} does not run",
                            self.name(*index)
                        );
                        self.log
                            .push(format!("{second} {signal} {}", self.name(*index)));
                    }
                    Action::SetReady(ready) => self.log.push(format!(
                        "{second} {}",
                        if *ready { "ready" } else { "unready" }
                    )),
                    Action::Tell(..) => {}
                    Action::Exit(code) => {
                        assert_eq!(self.exit.replace(*code), None);
                        self.log.push(format!("{second} exit {code}"));
                    }
                }
            }
            done.extend(actions);
        }
        done
    }

    pub fn end(&mut self, index: usize, ending: Ending) -> Vec<Action> {
        self.live.remove(&index).expect("it runs");
        self.step(Event::Ended(vec![(index, ending)]))
    }

    /// Lets time pass, waking up only when asked to.
    pub fn pass(&mut self, millis: u64) -> Vec<Action> {
        let end = self.now + millis;
        let mut done = Vec::new();
        let mut turns = 0_u32;
        while let Some(at) = self.supervisor.deadline().filter(|_| self.exit.is_none()) {
            // A share of the budget need not be whole milliseconds: a clock of milliseconds is past it at the next.
            let at = u64::try_from(at.as_nanos().div_ceil(1_000_000))
                .unwrap_or(u64::MAX)
                .max(self.now);
            if at > end {
                break;
            }
            self.now = at;
            turns += 1;
            assert!(turns < 5_000, "it wakes without end: {done:?}");
            let actions = self.step(Event::Tick);
            let idle = actions.is_empty();
            done.extend(actions);
            let next = self.supervisor.deadline();
            assert!(
                self.exit.is_some()
                    || !idle
                    || next.is_none_or(|next| next > Duration::from_millis(at)),
                "it wakes for nothing: {next:?} at {at}"
            );
        }
        self.now = end;
        done
    }

    /// Plays a script of words: seconds, `NAME+` ready, `NAME=CODE` ended, `NAME!` killed, `~NAME` asked to restart, a
    /// signal.
    pub fn play(&mut self, script: &str) {
        for word in script.split_whitespace() {
            if let Ok(seconds) = word.parse::<f64>() {
                self.pass(
                    Duration::from_secs_f64(seconds)
                        .as_millis()
                        .try_into()
                        .unwrap(),
                );
            } else if let Some(name) = word.strip_suffix('+') {
                let index = self.index(name);
                let asked = self.plan.services[index].ready.is_asked();
                self.step(if asked {
                    Event::Probed(index, true)
                } else {
                    Event::Ready(index)
                });
            } else if let Some(name) = word.strip_suffix('!') {
                self.end(self.index(name), Ending::Killed(Signal::KILL));
            } else if let Some(name) = word.strip_prefix('~') {
                self.step(Event::Restart(self.index(name)));
            } else if let Some((name, code)) = word.split_once('=') {
                self.end(self.index(name), Ending::Exited(code.parse().unwrap()));
            } else if word == "start" {
                self.step(Event::Tick);
            } else {
                self.step(Event::Received(Signal::parse(word).unwrap()));
            }
        }
    }
}
