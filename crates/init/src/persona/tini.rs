//! tini 0.19: flags, variables, messages.

use std::ffi::OsString;
use std::path::Path;

use super::getopt::{self, Options};
use super::request::{Conduct, Place, Request, Said, Stream, Subreaper};
use super::voice::Voice;
use crate::contract::Target;
use crate::life::{Farewell, Policy, Rewrite};
use crate::signal::Signal;

const OPTIONS: Options = Options {
    short: "p:hvwgle:s",
    long: &[],
    permutes: true,
};

/// Docker looks for the words before the underscore.
const VERSION: &str = "tini version 0.19.0_boatyard-init";

pub fn request(
    words: Vec<OsString>,
    variable: impl Fn(&str) -> Option<OsString>,
    pid: i32,
) -> Request {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_default();
    let words: Vec<OsString> = words.collect();
    if words.as_slice() == ["--version"] {
        return say(Stream::Output, format!("{VERSION}\n"), 0);
    }
    let usage = usage(&name);
    let (given, words) = match getopt::parse(words, &OPTIONS) {
        Ok(parsed) => parsed,
        Err(message) => {
            let text = format!("{}: {message}\n{usage}", name.display());
            return say(Stream::Error, text, 1);
        }
    };
    let mut verbosity = 1;
    let mut warns_of_reaping = false;
    let mut subreaper = variable("TINI_SUBREAPER").is_some();
    let mut group = variable("TINI_KILL_PROCESS_GROUP").is_some();
    let mut parent_death = None;
    let mut policy = Policy {
        // It ignores both for itself, so that a terminal cannot stop it, and does not see them.
        rewrites: [Signal::TTIN, Signal::TTOU]
            .map(|from| Rewrite { from, to: None })
            .to_vec(),
        farewell: Farewell::Nobody,
        ..Policy::default()
    };
    for (option, value) in given {
        let refuse = || {
            let text = format!(
                "[FATAL tini ({pid})] Not a valid option for -{option}: {}\n",
                value.display()
            );
            say(Stream::Error, text, 1)
        };
        match option {
            'h' => return say(Stream::Output, usage, 0),
            'l' => return say(Stream::Output, super::voice::LICENSE.to_owned(), 0),
            's' => subreaper = true,
            'g' => group = true,
            'v' => verbosity += 1,
            'w' => warns_of_reaping = true,
            'e' => match value.to_str().and_then(|text| text.parse().ok()) {
                Some(code) => policy.success.codes.push(code),
                None => return refuse(),
            },
            _ => match value.to_str().and_then(signal) {
                Some(signal) => parent_death = Some(signal),
                None => return refuse(),
            },
        }
    }
    if words.is_empty() {
        return say(Stream::Error, usage, 1);
    }
    if let Some(text) = variable("TINI_VERBOSITY") {
        verbosity = text
            .to_str()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
    }
    if group {
        policy.target = Target::Group;
    }
    let conduct = Conduct {
        policy,
        place: Place::Group,
        clean_signals: false,
        forwards_faults: false,
        passes_sockets: false,
        closes_descriptors: false,
        subreaper: if subreaper {
            Subreaper::Yes
        } else {
            Subreaper::No
        },
        parent_death,
        leaves_folder: false,
        voice: Voice::Tini {
            pid,
            verbosity,
            warns_of_reaping,
        },
    };
    Request::Run {
        words,
        conduct: Box::new(conduct),
    }
}

/// Names as tini knows them: with `SIG`, and none of the real-time signals.
fn signal(name: &str) -> Option<Signal> {
    let bare = name.strip_prefix("SIG")?;
    let signal = Signal::parse(bare)?;
    (signal.to_string() == bare && signal.number() < 32).then_some(signal)
}

fn say(stream: Stream, text: String, code: u8) -> Request {
    Request::Say {
        said: Said { stream, text },
        code,
    }
}

fn usage(name: &OsString) -> String {
    let file = Path::new(name).file_name().unwrap_or(name).display();
    format!(
        "{file} ({VERSION})
Usage: {file} [OPTIONS] PROGRAM -- [ARGS] | --version

Execute a program under the supervision of a valid init process ({file})

Command line options:

  --version: Show version and exit.
  -h: Show this help message and exit.
  -s: Register as a process subreaper (requires Linux >= 3.4).
  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. \"-p SIGKILL\".
  -v: Generate more verbose output. Repeat up to 3 times.
  -w: Print a warning when processes are getting reaped.
  -g: Send signals to the child's process group.
  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0.
  -l: Show license and exit.

Environment variables:

  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).
  TINI_VERBOSITY: Set the verbosity level (default: 1).
  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.

"
    )
}
