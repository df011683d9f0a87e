//! Starts a session that outlives us, shows how it gets on, and returns once it is ready.
//!
//! The session is this program again with `--json`: its events come through a pipe, what it says at its end through a
//! file, since nobody holds the pipe any more by then.

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, stderr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use boatyard_engine::session::Place;
use boatyard_plan::event::Event;
use boatyard_plan::{build, run as plan};

use crate::args::run::Up;
use crate::render::{Reporter, Roster};
use crate::stopped::Stopped;
use crate::voice::Voice;
use crate::{answer, home, project};

/// Runs the project in the background.
pub fn run(named: Option<&Path>, words: &Up, voice: &Voice) -> Result<(), Stopped> {
    let found = project::find(named)?;
    let images = build::plan(&found.project);
    let processes = plan::plan(&found.project, &words.roles)?;
    let place = Place::new(&home::open()?, &found.project.name, &found.folder);
    let said = place.folder().join("said");
    let failed = Stopped::from_writing;
    std::fs::create_dir_all(place.folder()).map_err(failed)?;
    let file = std::fs::File::create(&said).map_err(failed)?;
    let mut child = Command::new("/proc/self/exe")
        .args(again(voice))
        .current_dir(&found.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(file)
        .spawn()
        .map_err(failed)?;
    let roster = processes
        .processes
        .iter()
        .map(|process| process.name.clone());
    let reporter = Reporter::start(voice, Roster::new(roster), found.origins(&images));
    let urls = relay(&mut child, &reporter);
    reporter.finish();
    if let Some(urls) = urls {
        return if voice.json {
            Ok(())
        } else {
            answer::text(&urls)
        };
    }
    let status = child.wait().map_err(failed)?;
    // It has said why, in the same words as if it had been us.
    let text = std::fs::read(&said).unwrap_or_default();
    let _ = io::Write::write_all(&mut stderr(), &text);
    Err(Stopped::Ended(
        status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(70),
    ))
}

/// Our own words, for a session.
fn again(voice: &Voice) -> Vec<std::ffi::OsString> {
    let mut words: Vec<std::ffi::OsString> = vec![
        "--color".into(),
        if voice.err.on { "always" } else { "never" }.into(),
    ];
    let mut ours = std::env::args_os().skip(1);
    while let Some(word) = ours.next() {
        // The folder is where it is started, colour and form are decided here.
        if word == "-C" || word == "--color" || word == "--progress" {
            ours.next();
        } else if word == "--" {
            break;
        } else if word != "--json"
            && !word.to_string_lossy().starts_with("--color=")
            && !word.to_string_lossy().starts_with("--progress=")
        {
            words.push(word);
        }
    }
    words.extend(["--json".into(), "--session".into()]);
    words
}

/// Shows the session's events until it is ready: then what answers where. `None`: it ended before.
fn relay(child: &mut Child, reporter: &Reporter) -> Option<String> {
    let sink = reporter.sink();
    let mut urls = String::new();
    let lines = BufReader::new(child.stdout.take()?).lines();
    for line in lines.map_while(Result::ok) {
        let Ok(event) = serde_json::from_str::<Event>(&line) else {
            continue;
        };
        if let Event::Ready {
            process,
            url: Some(url),
            ..
        } = &event
        {
            let _ = writeln!(urls, "{process}  {url}");
        }
        let is_up = matches!(event, Event::Up { .. });
        sink(event);
        if is_up {
            return Some(urls);
        }
    }
    None
}
