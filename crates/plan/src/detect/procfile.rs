//! `Procfile`: one process on a line, `web: gunicorn app:app`.

use super::Sources;
use super::sketch::{Sketch, label};
use crate::project::When;

/// The port of a web process that nobody says, as Heroku's tools have it locally.
pub(super) const PORT: u16 = 8000;

/// The file.
pub(super) const FILE: &str = "Procfile";

/// Adds what `file` says.
pub(super) fn look(sketch: &mut Sketch, sources: &Sources<'_>, file: &str) {
    let Some(text) = sources.text(file) else {
        return;
    };
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = Some(number + 1);
        let process = line.split_once(':').and_then(|(name, command)| {
            let command = command.trim();
            Some((label(name)?, command)).filter(|(_, command)| !command.is_empty())
        });
        match process {
            Some((name, command)) if name == "release" => {
                sketch.job(file, "release", command, When::BeforeDeploy);
            }
            Some((name, command)) if name == "web" => {
                sketch.role(file, "web", command, Some(PORT));
                if command.contains("$PORT") || command.contains("${PORT") {
                    sketch.env.insert("PORT".to_owned(), PORT.to_string());
                }
            }
            Some((name, command)) => sketch.role(file, &name, command, None),
            None => sketch.left(file, number, line, "it is no process: NAME: COMMAND"),
        }
    }
}
