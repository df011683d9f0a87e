//! What happens over time, with a clock of its own: each row is a crontab, what happens when, and what is done.

use std::collections::BTreeMap;
use std::time::Duration;

use boatyard_init::cron::{
    Action, Event, Now, Options, Outcome, Reading, Rules, RunId, Scheduler, Stars, parse,
};
use boatyard_init::exit::Ending;
use boatyard_init::signal::Signal;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;

/// 2024-01-01 00:00:00 UTC.
const START: i64 = 1_704_067_200;

fn entries(text: &str) -> Vec<boatyard_init::cron::Entry> {
    let zone = |name: &str| TimeZone::get(name).ok();
    let reading = Reading {
        zone: &zone,
        stars: Stars::Alone,
        rules: Rules::default(),
    };
    parse(text.as_bytes(), &reading).unwrap().jobs
}

struct World {
    scheduler: Scheduler,
    /// Milliseconds of both clocks.
    wall: i64,
    steady: u64,
    running: BTreeMap<RunId, (String, u64)>,
    log: Vec<String>,
    exit: Option<u8>,
}

impl World {
    fn new(crontab: &str) -> Self {
        let now = Now {
            wall: Timestamp::from_second(START).unwrap(),
            steady: Duration::ZERO,
        };
        let options = Options {
            zone: TimeZone::UTC,
            grace: Duration::from_secs(25),
            warn_every: Duration::ZERO,
            seed: 7,
        };
        let scheduler = Scheduler::new(entries(crontab), options, now);
        let mut world = Self {
            scheduler,
            wall: START * 1000,
            steady: 0,
            running: BTreeMap::new(),
            log: Vec::new(),
            exit: None,
        };
        world.step(Event::Tick);
        world
    }

    fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_millisecond(self.wall).unwrap(),
            steady: Duration::from_millis(self.steady),
        }
    }

    fn step(&mut self, event: Event) {
        let second = self.steady / 1000;
        for action in self.scheduler.step(event, self.now()) {
            match action {
                Action::Start(run, about) => {
                    assert_eq!(self.exit, None);
                    self.log.push(format!("{second} start {}", about.command));
                    self.running
                        .insert(run, (about.command.to_string(), self.steady));
                }
                Action::Send(run, signal) => {
                    let (command, _) = &self.running[&run];
                    self.log.push(format!("{second} {signal} {command}"));
                }
                Action::Tell(..) => {}
                Action::Exit(code) => {
                    assert!(self.running.is_empty(), "it left something running");
                    self.log.push(format!("{second} exit {code}"));
                    self.exit = Some(code);
                }
            }
        }
    }

    fn end(&mut self, command: &str, ending: Ending) {
        let run = *self
            .running
            .iter()
            .find(|(_, (name, _))| name == command)
            .unwrap()
            .0;
        self.running.remove(&run);
        self.step(Event::Ended(run, Outcome::Ended(ending)));
    }

    /// Lets time pass, waking up only when the scheduler asks for it.
    fn pass(&mut self, millis: u64) {
        let end = self.steady + millis;
        loop {
            let wake = self.scheduler.wake();
            let wall = wake.wall.map(|wall| {
                self.steady + u64::try_from((wall.as_millisecond() - self.wall).max(0)).unwrap()
            });
            let steady = wake
                .steady
                .map(|steady| u64::try_from(steady.as_millis()).unwrap().max(self.steady));
            let next = wall
                .into_iter()
                .chain(steady)
                .min()
                .filter(|next| *next <= end);
            let Some(next) = next else { break };
            self.go_to(next);
            self.step(Event::Tick);
            let after = self.scheduler.wake();
            assert!(
                after != wake || next > self.steady,
                "it wakes for nothing: {wake:?} {after:?} {:?} {:?}",
                self.now(),
                self.log
            );
        }
        self.go_to(end);
    }

    fn go_to(&mut self, steady: u64) {
        self.wall += i64::try_from(steady - self.steady).unwrap();
        self.steady = steady;
    }
}

fn play(crontab: &str, script: &str) -> Vec<String> {
    let mut world = World::new(crontab);
    for word in script.split_whitespace() {
        match word.split_once(':').unwrap_or((word, "")) {
            ("end", command) => world.end(command, Ending::Exited(0)),
            ("fail", command) => world.end(command, Ending::Exited(3)),
            ("killed", command) => world.end(command, Ending::Killed(Signal::KILL)),
            ("stop", _) => world.step(Event::Stop),
            ("load", crontab) => world.step(Event::Reload(entries(&crontab.replace('_', " ")))),
            ("clock", seconds) => world.wall += seconds.parse::<i64>().unwrap() * 1000,
            ("tick", _) => world.step(Event::Tick),
            (seconds, _) => world.pass(seconds.parse::<u64>().unwrap() * 1000),
        }
    }
    world.log
}

const ROWS: &[(&str, &str, &[&str])] = &[
    (
        "* * * * * a\n@reboot b",
        "end:b 60 end:a 60",
        &["0 start b", "60 start a", "120 start a"],
    ),
    (
        "@every 90s a",
        "90 end:a 100 end:a 80",
        &["90 start a", "180 start a", "270 start a"],
    ),
    // Overlaps.
    (
        "* * * * * a",
        "60 120 end:a 60",
        &["60 start a", "240 start a"],
    ),
    (
        "# boatyard: overlap=allow\n* * * * * a",
        "120 end:a end:a",
        &["60 start a", "120 start a"],
    ),
    (
        "# boatyard: overlap=queue\n* * * * * a",
        "230 end:a 5 end:a 5",
        &["60 start a", "230 start a", "240 start a"],
    ),
    (
        "# boatyard: overlap=replace\n* * * * * a",
        "121 end:a 1",
        &["60 start a", "120 TERM a", "121 start a"],
    ),
    // Limits and retries.
    (
        "# boatyard: timeout=30s\n0 * * * * a",
        "3635 killed:a",
        &["3600 start a", "3630 TERM a"],
    ),
    (
        "# boatyard: timeout=30s\n0 * * * * a",
        "3650 killed:a",
        &["3600 start a", "3630 TERM a", "3640 KILL a"],
    ),
    (
        "# boatyard: retries=2 retry-delay=10s\n0 * * * * a",
        "3600 fail:a 10 fail:a 30 fail:a 500",
        &["3600 start a", "3610 start a", "3630 start a"],
    ),
    (
        "# boatyard: retries=2\n0 * * * * a",
        "3600 fail:a 10 end:a 500",
        &["3600 start a", "3610 start a"],
    ),
    // A stop: what runs may end; then TERM, KILL; a second stop does not wait, a third kills.
    ("* * * * * a", "30 stop", &["30 exit 0"]),
    (
        "* * * * * a",
        "60 stop 10 end:a",
        &["60 start a", "70 exit 0"],
    ),
    (
        "* * * * * a",
        "60 stop 21 killed:a",
        &["60 start a", "80 TERM a", "81 exit 143"],
    ),
    (
        "* * * * * a",
        "60 stop 30 killed:a",
        &["60 start a", "80 TERM a", "83 KILL a", "90 exit 143"],
    ),
    (
        "* * * * * a",
        "60 stop 1 stop 1 killed:a",
        &["60 start a", "61 TERM a", "62 exit 143"],
    ),
    (
        "* * * * * a",
        "60 stop stop stop killed:a",
        &["60 start a", "60 TERM a", "60 KILL a", "60 exit 143"],
    ),
    (
        "# boatyard: retries=9\n* * * * * a",
        "60 stop fail:a",
        &["60 start a", "60 exit 0"],
    ),
    // Another crontab: what is in both goes on.
    (
        "* * * * * a\n* * * * * b",
        "60 load:*_*_*_*_*_a 60 end:a end:b 60",
        &["60 start a", "60 start b", "180 start a"],
    ),
    ("@every 90s a", "60 load:@every_90s_a 30", &["90 start a"]),
    // The clock is set: back a little, nothing runs twice; back much, it is a new clock; on much, nothing is made up for.
    (
        "0 * * * * a",
        "3600 end:a clock:-600 tick 599 tick",
        &["3600 start a"],
    ),
    (
        "0 * * * * a",
        "3600 end:a clock:-86400 tick 3600",
        &["3600 start a", "7200 start a"],
    ),
    ("0 * * * * a", "60 clock:7200 tick", &["60 start a"]),
    ("0 * * * * a", "60 clock:86400 tick 3540", &["3600 start a"]),
];

#[test]
fn over_time() {
    for (crontab, script, wanted) in ROWS {
        assert_eq!(play(crontab, script), *wanted, "{crontab}: {script}");
    }
}

#[test]
fn delays_are_spread_and_bounded() {
    let mut world = World::new("# boatyard: splay=30s\n* * * * * a");
    let mut delays = Vec::new();
    for minute in 1..40_u64 {
        world.pass(if minute == 1 { 100_000 } else { 60_000 });
        let (_, at) = *world.running.values().next().as_ref().unwrap();
        delays.push(at - minute * 60_000);
        world.end("a", Ending::Exited(0));
    }
    assert!(delays.iter().all(|delay| *delay <= 30_000), "{delays:?}");
    assert!(
        delays.iter().max().unwrap() - delays.iter().min().unwrap() > 15_000,
        "{delays:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    /// Whatever happens: a job that forbids overlaps never runs beside itself, init never wakes for nothing (see
    /// `pass`), and a stop ends within the grace once killed processes die.
    #[test]
    fn whatever_happens(happenings in vec((0..6_u8, 0..200_u64), 1..60)) {
        let table = "# boatyard: timeout=50s retries=1\n* * * * * a\n# boatyard: overlap=queue splay=9s\n@every 7s b\n\
                     # boatyard: overlap=replace\n*/20 * * * * * * c\n# boatyard: overlap=allow\n*/2 * * * * d\n";
        let mut world = World::new(table);
        for (kind, number) in happenings {
            match kind {
                0 | 1 => world.pass(number * 500),
                2 | 3 if !world.running.is_empty() => {
                    let index = usize::try_from(number).unwrap() % world.running.len();
                    let name = world.running.values().nth(index).unwrap().0.clone();
                    world.end(&name, if kind == 2 { Ending::Exited(0) } else { Ending::Killed(Signal::TERM) });
                }
                4 => world.wall += (i64::try_from(number).unwrap() - 100) * 100_000,
                _ => {
                    let fewer = number > 100;
                    world.step(Event::Reload(entries(if fewer { table.rsplit_once("# ").unwrap().0 } else { table })));
                }
            }
            for name in ["a", "b", "c"] {
                let count = world.running.values().filter(|(command, _)| command == name).count();
                prop_assert!(count <= 1, "{name} runs {count} times");
            }
        }
        let stopped = world.steady;
        world.step(Event::Stop);
        while world.exit.is_none() {
            world.pass(1000);
            let killed: Vec<String> = world.log.iter().filter_map(|line| Some(line.split_once(" KILL ")?.1.to_owned())).collect();
            for name in killed {
                if world.running.values().any(|(command, _)| *command == name) {
                    world.end(&name, Ending::Killed(Signal::KILL));
                }
            }
            prop_assert!(world.steady - stopped <= 25_000, "{:?}", world.running);
        }
    }
}
