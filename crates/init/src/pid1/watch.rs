//! The loop: waits for signals, reaps, and does what the life of the main process demands. It sleeps in one system
//! call until something happens.

use boatyard_init::exit;
use boatyard_init::life::{Action, Event, Life, Recipient};
use boatyard_init::signal::Signal;

use super::family::{self, Reach};
use super::say;
use super::sys::clock;
use super::sys::process::{self, Child};
use super::sys::signals::Signals;

/// Watches until it is time to exit; returns the exit code.
pub fn watch(signals: &Signals, main: i32, reach: Reach, mut life: Life) -> u8 {
    let sender = Sender { main, reach };
    loop {
        let timeout = life
            .deadline()
            .map(|deadline| deadline.saturating_sub(clock::now()));
        let received = match signals.wait(timeout) {
            Ok(received) => received,
            Err(error) => {
                say::warn(format_args!("cannot wait for signals: {error}"));
                return exit::SYSTEM;
            }
        };
        // Reaping comes before forwarding: a signal must not go to a process id that is free again.
        let mut events = reap();
        events.extend(
            received
                .into_iter()
                .filter(|&signal| signal != Signal::CHLD)
                .map(Event::Received),
        );
        let now = clock::now();
        if life.deadline().is_some_and(|deadline| deadline <= now) {
            events.push(Event::Deadline);
        }
        for event in events {
            for action in life.step(event, now) {
                match action {
                    Action::Send(signal, recipient) => sender.send(signal, recipient),
                    Action::Exit(code) => return code,
                }
            }
        }
    }
}

/// Reaps all children that are dead. One CHLD may stand for many of them.
fn reap() -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        match process::reap() {
            Child::Dead { pid, ending } => events.push(Event::Reaped { pid, ending }),
            Child::Alive => {
                events.push(Event::Drained { living: true });
                return events;
            }
            Child::None => {
                events.push(Event::Drained { living: false });
                return events;
            }
        }
    }
}

struct Sender {
    main: i32,
    reach: Reach,
}

impl Sender {
    fn send(&self, signal: Signal, recipient: Recipient) {
        match (recipient, self.reach) {
            (Recipient::Main, _) => deliver(signal, self.main),
            (Recipient::Group, _) | (Recipient::All, Reach::Nobody) => deliver(signal, -self.main),
            (Recipient::All, Reach::Namespace) => deliver(signal, -1),
            (Recipient::All, Reach::Family) => {
                for pid in family::descendants(process::id()) {
                    deliver(signal, pid);
                }
            }
        }
    }
}

/// Sends a signal. A process that is gone is none of our business; one that may not be signalled (it has changed its
/// user) is told of, and init goes on.
fn deliver(signal: Signal, to: i32) {
    if let Err(error) = process::kill(to, signal)
        && error.raw_os_error() != Some(libc::ESRCH)
    {
        let whom = match to {
            -1 => "all processes".to_owned(),
            group if group < 0 => format!("process group {}", -group),
            pid => format!("process {pid}"),
        };
        say::warn(format_args!("cannot send {signal} to {whom}: {error}"));
    }
}
