//! What a deploy says while it goes on, and at its end.
//!
//! With `--json` each is one line on standard output: `applied`, `job`, `progress`, `pruned`, `waits`, `undoes`, and at the
//! end `deployed`.

use std::io::{self, Write as _};

use boatyard_cluster::apply::Change;
use boatyard_cluster::deploy::{Done, Event};
use boatyard_cluster::password;
use boatyard_cluster::rollout::Progress;
use serde_json::{Value, json};

use crate::answer;
use crate::args::Progress as Form;
use crate::colour::{DIM, GOOD, STRONG, WARNING};
use crate::stopped::Stopped;
use crate::voice::Voice;

/// Tells one event.
pub fn tell(event: &Event<'_>, voice: &Voice) {
    if voice.json {
        // Nobody is left to be told when the stream is closed; the deploy goes on.
        let _ = writeln!(io::stdout(), "{}", line(event));
    } else if voice.progress != Form::Quiet
        && let Some(text) = text(event, voice)
    {
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Tells what became of the Secret of a password.
pub fn password(secret: &str, change: password::Change, voice: &Voice) {
    let (word, change) = match change {
        password::Change::Created => ("created", Change::Created),
        password::Change::Completed => ("changed", Change::Changed),
        password::Change::Unchanged => ("same   ", Change::Unchanged),
    };
    let object = format!("Secret/{secret}");
    if voice.json {
        let line = json!({"event": "applied", "object": object, "change": change});
        // As with all events.
        let _ = writeln!(io::stdout(), "{line}");
    } else if voice.progress != Form::Quiet && (voice.verbose || change != Change::Unchanged) {
        let _ = writeln!(io::stderr(), "{}  {object}", voice.err.paint(GOOD, word));
    }
}

/// Tells the end.
pub fn done(done: &Done, namespace: &str, voice: &Voice) -> Result<(), Stopped> {
    let changed = done
        .applied
        .iter()
        .filter(|one| one.change() != Change::Unchanged);
    let (all, changed) = (done.applied.len(), changed.count());
    let pruned = done.pruned.len();
    if voice.json {
        let line = json!({
            "event": "deployed", "namespace": namespace, "objects": all, "changed": changed, "pruned": pruned,
        });
        return answer::text(&format!("{line}\n"));
    }
    answer::text(&format!(
        "deployed to {namespace}: {all} objects, {changed} changed, {pruned} removed\n"
    ))
}

fn line(event: &Event<'_>) -> Value {
    match event {
        Event::Waits { holder } => json!({"event": "waits", "holder": holder}),
        Event::Applied(applied) => {
            json!({"event": "applied", "object": applied.id.to_string(), "change": applied.change()})
        }
        Event::Job(id) => json!({"event": "job", "object": id.to_string()}),
        Event::Progress(id, Progress::Done) => {
            json!({"event": "progress", "object": id.to_string(), "done": true})
        }
        Event::Progress(id, Progress::Going { how_far, trouble }) => json!({
            "event": "progress", "object": id.to_string(), "done": false, "how_far": how_far, "trouble": trouble,
        }),
        Event::Pruned(id) => json!({"event": "pruned", "object": id.to_string()}),
        Event::Undoes { to_record } => json!({"event": "undoes", "to_record": to_record}),
    }
}

fn text(event: &Event<'_>, voice: &Voice) -> Option<String> {
    let paint = voice.err;
    Some(match event {
        Event::Waits { holder } => format!("waiting for {holder}, who is deploying this project"),
        Event::Applied(applied) => match applied.change() {
            Change::Created => format!("{}  {}", paint.paint(GOOD, "created"), applied.id),
            Change::Changed => format!("{}  {}", paint.paint(GOOD, "changed"), applied.id),
            Change::Unchanged if voice.verbose => {
                format!("{}     {}", paint.paint(DIM, "same"), applied.id)
            }
            Change::Unchanged => return None,
        },
        Event::Job(id) => format!("{}   {id}", paint.paint(STRONG, "running")),
        Event::Progress(id, Progress::Done) => format!("{}    {id}", paint.paint(GOOD, "ready")),
        Event::Progress(id, Progress::Going { how_far, trouble }) => {
            let why = trouble
                .as_ref()
                .map(|trouble| format!(": {}", trouble.message.trim_end()));
            format!(
                "{}  {id}: {how_far}{}",
                paint.paint(DIM, "waiting"),
                why.unwrap_or_default()
            )
        }
        Event::Pruned(id) => format!("{}  {id}", paint.paint(WARNING, "removed")),
        Event::Undoes { to_record: true } => paint
            .paint(WARNING, "it failed: going back to what was there before")
            .to_string(),
        Event::Undoes { to_record: false } => paint
            .paint(WARNING, "it failed: removing what it made")
            .to_string(),
    })
}
