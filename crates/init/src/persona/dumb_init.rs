//! dumb-init 1.2.5: flags, variables, messages.

use std::ffi::{OsStr, OsString};

use super::getopt::{self, Options};
use super::request::{Conduct, Place, Request, Said, Stream, Subreaper};
use super::voice::Voice;
use crate::contract::Target;
use crate::life::{Farewell, Policy, Rewrite, Suspension};
use crate::signal::Signal;

const OPTIONS: Options = Options {
    short: "hvVcr:",
    long: &[
        ("help", 'h'),
        ("single-child", 'c'),
        ("rewrite", 'r'),
        ("verbose", 'v'),
        ("version", 'V'),
    ],
    permutes: false,
};

const VERSION: &str = "dumb-init v1.2.5 (boatyard-init)";

const REWRITE: &str = "\
Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.
This option can be specified multiple times.
Use --help for full usage.
";

pub fn request(words: Vec<OsString>, variable: impl Fn(&str) -> Option<OsString>) -> Request {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_default();
    let name = name.display();
    let (given, words) = match getopt::parse(words.collect(), &OPTIONS) {
        Ok(parsed) => parsed,
        Err(message) => return say(format!("{name}: {message}\n"), 1),
    };
    let is = |name: &str, value: &str| variable(name).is_some_and(|found| found == value);
    let mut session = true;
    let mut verbose = false;
    let mut rewrites = Vec::new();
    for (option, value) in given {
        match option {
            'h' => return say(usage(&name.to_string()), 0),
            'V' => return say(format!("{VERSION}\n"), 0),
            'v' => verbose = true,
            'c' => session = false,
            _ => match rewrite(&value) {
                Some(rewrite) => rewrites.push(rewrite),
                None => return say(REWRITE.to_owned(), 1),
            },
        }
    }
    if words.is_empty() {
        let text =
            format!("Usage: {name} [option] program [args]\nTry {name} --help for full usage.\n");
        return say(text, 1);
    }
    verbose |= is("DUMB_INIT_DEBUG", "1");
    session &= !is("DUMB_INIT_SETSID", "0");
    if session {
        for from in [Signal::TSTP, Signal::TTOU, Signal::TTIN] {
            let to = Some(Signal::STOP);
            rewrites.insert(0, Rewrite { from, to });
        }
    }
    let conduct = Conduct {
        policy: Policy {
            target: if session { Target::Group } else { Target::Main },
            rewrites,
            farewell: Farewell::Group,
            suspension: Suspension::AfterSignal,
            ..Policy::default()
        },
        place: if session { Place::Session } else { Place::Same },
        clean_signals: true,
        forwards_faults: true,
        passes_sockets: false,
        closes_descriptors: false,
        subreaper: Subreaper::No,
        parent_death: None,
        leaves_folder: true,
        voice: Voice::DumbInit { verbose },
    };
    Request::Run {
        words,
        conduct: Box::new(conduct),
    }
}

/// `FROM:TO`, both numbers, read as `sscanf("%d:%d")` does: what follows the second is not looked at.
fn rewrite(value: &OsStr) -> Option<Rewrite> {
    let (from, to) = value.to_str()?.split_once(':')?;
    let end = to.find(|c: char| !c.is_ascii_digit()).unwrap_or(to.len());
    let (to, _) = to.split_at(end);
    let number = |text: &str| text.parse::<i32>().ok().filter(|n| (0..=31).contains(n));
    Some(Rewrite {
        from: Signal::from_number(number(from.trim_start())?)?,
        to: Signal::from_number(number(to)?),
    })
}

/// It writes everything to standard error.
fn say(text: String, code: u8) -> Request {
    let stream = Stream::Error;
    Request::Say {
        said: Said { stream, text },
        code,
    }
}

fn usage(name: &str) -> String {
    format!(
        "{VERSION}
Usage: {name} [option] command [[arg] ...]

dumb-init is a simple process supervisor that forwards signals to children.
It is designed to run as PID1 in minimal container environments.

Optional arguments:
   -c, --single-child   Run in single-child mode.
                        In this mode, signals are only proxied to the
                        direct child and not any of its descendants.
   -r, --rewrite s:r    Rewrite received signal s to new signal r before proxying.
                        To ignore (not proxy) a signal, rewrite it to 0.
                        This option can be specified multiple times.
   -v, --verbose        Print debugging information to stderr.
   -h, --help           Print this help message and exit.
   -V, --version        Print the current version and exit.

This is boatyard-init, which does what dumb-init does when it has its name.
"
    )
}
