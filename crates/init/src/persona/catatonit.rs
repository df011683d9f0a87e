//! catatonit 0.1.7: flags and messages.

use std::ffi::OsString;

use super::getopt::{self, Options};
use super::request::{Conduct, Place, Request, Said, Stream, Subreaper};
use super::voice::{LICENSE, Voice};
use crate::contract::Target;
use crate::life::{Farewell, Policy, Rewrite};
use crate::signal::Signal;

const OPTIONS: Options = Options {
    short: "ghLPV",
    long: &[("version", 'V')],
    permutes: true,
};

const USAGE: &str = "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n";

/// Docker and Podman look for the words before the underscore.
const VERSION: &str = "tini version 0.1.7_catatonit_boatyard-init\n";

const HELP: &str = "
options:
  -g              Forward signals to pid1's process group.
  -h              Print this help page.
  -L              Print license information.
  -P              Run in pause mode (no program is run and quit on SIGINT).
  -V, --version   Print version information.

This is boatyard-init, which does what catatonit does when it has its name.
";

pub fn request(words: Vec<OsString>, pid: i32) -> Request {
    let mut words = words.into_iter();
    let name = words.next().unwrap_or_default();
    let (given, words) = match getopt::parse(words.collect(), &OPTIONS) {
        Ok(parsed) => parsed,
        Err(message) => {
            let text = format!("{}: {message}\n{USAGE}", name.display());
            return say(Stream::Error, text, 1);
        }
    };
    let mut target = Target::Main;
    let mut pause = false;
    for (option, _) in given {
        match option {
            'g' => target = Target::Group,
            'P' => pause = true,
            'h' => return say(Stream::Error, format!("{USAGE}{HELP}"), 0),
            'L' => return say(Stream::Output, LICENSE.to_owned(), 0),
            _ => return say(Stream::Output, VERSION.to_owned(), 0),
        }
    }
    if pause {
        return Request::Pause;
    }
    if words.is_empty() {
        let text = format!("ERROR (catatonit:{pid}): missing program name\n{USAGE}");
        return say(Stream::Error, text, 1);
    }
    let conduct = Conduct {
        policy: Policy {
            target,
            rewrites: [Signal::TSTP, Signal::TTIN, Signal::TTOU]
                .map(|from| Rewrite { from, to: None })
                .to_vec(),
            farewell: Farewell::Nobody,
            ..Policy::default()
        },
        place: Place::Group,
        clean_signals: false,
        forwards_faults: false,
        passes_sockets: true,
        closes_descriptors: true,
        subreaper: Subreaper::Yes,
        parent_death: None,
        leaves_folder: true,
        voice: Voice::Catatonit { pid },
    };
    Request::Run {
        words,
        conduct: Box::new(conduct),
    }
}

fn say(stream: Stream, text: String, code: u8) -> Request {
    Request::Say {
        said: Said { stream, text },
        code,
    }
}
