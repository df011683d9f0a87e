//! From an image to what can be checked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use boatyard_plan::image::{ImageConfig, RunConfig};

use super::file::{Found, What};
use super::{PREFIX, history};
use crate::dockerfile::{Dockerfile, json, value as quoted};
use crate::place::Lines;
use crate::settings::Settings;
use crate::workspace::{Content, Document, Workspace};

/// An image that is built.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its name, with its tag.
    pub reference: String,
    /// How it runs, and its history.
    pub config: ImageConfig,
    /// Its layers, lowest first.
    pub layers: Vec<Layer>,
}

/// What was found in a layer.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// Files and folders, each once.
    pub found: Vec<Found>,
}

impl Layer {
    /// Adds what was found: files of one cache are one thing.
    pub fn add(&mut self, found: Found) {
        let same = self
            .found
            .iter_mut()
            .find(|one| one.what == found.what && one.path == found.path);
        match same {
            Some(same) => {
                same.size += found.size;
                same.count += found.count;
            }
            None => self.found.push(found),
        }
    }
}

/// The image as a workspace: each place is a document.
pub fn workspace(image: &Image, settings: Settings) -> Workspace {
    let mut workspace = Workspace::read(Vec::new(), BTreeSet::new(), settings);
    let name = format!("{PREFIX}{}", image.reference);
    let text = lines(&image.reference, &image.config.config);
    let (dockerfile, mistakes) = Dockerfile::read(&text);
    workspace.documents.push(Document {
        lines: Lines::of(&text),
        path: name.clone(),
        text,
        executable: None,
        content: Content::Dockerfile(dockerfile),
        mistakes,
    });
    for (index, (said, why)) in history::secrets(&image.config.history) {
        let found = Found {
            path: String::new(),
            what: What::Secret(why),
            size: 0,
            count: 1,
        };
        let path = format!("{name} history {}", index + 1);
        workspace.documents.push(place(path, said, found));
    }
    for (index, layer) in image.layers.iter().enumerate() {
        for found in together(layer) {
            let path = format!("{name} layer {} {}", index + 1, found.path);
            workspace
                .documents
                .push(place(path, found.path.clone(), found));
        }
    }
    workspace.documents.sort_by(|a, b| a.path.cmp(&b.path));
    workspace
}

/// Programs that run as their owner are one finding of a layer: every distribution has some.
fn together(layer: &Layer) -> Vec<Found> {
    let mut found = layer.found.clone();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    let owned: Vec<String> = found
        .iter()
        .filter(|one| one.what == What::Owner(Vec::new()))
        .map(|one| one.path.clone())
        .collect();
    let first = owned.first().cloned();
    found.retain(|one| one.what != What::Owner(Vec::new()) || Some(&one.path) == first.as_ref());
    for one in &mut found {
        if let What::Owner(all) = &mut one.what {
            all.clone_from(&owned);
        }
    }
    found
}

fn place(path: String, text: String, found: Found) -> Document {
    Document {
        lines: Lines::of(&text),
        path,
        text,
        executable: None,
        content: Content::Found(found),
        mistakes: Vec::new(),
    }
}

/// What an image is set to do, as lines of a Dockerfile.
fn lines(reference: &str, config: &RunConfig) -> String {
    let mut text = format!("# {reference}\nFROM scratch\n");
    let mut line = |keyword: &str, said: &str| {
        if !said.is_empty() {
            // A value of several lines would be several instructions.
            let _ = writeln!(text, "{keyword} {}", said.replace('\n', " "));
        }
    };
    for pair in &config.env {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        line("ENV", &format!("{name}={}", quoted(value)));
    }
    line("WORKDIR", &config.working_dir);
    let ports: Vec<&str> = config.exposed_ports.keys().map(String::as_str).collect();
    line("EXPOSE", &ports.join(" "));
    line("USER", &config.user);
    line("STOPSIGNAL", config.stop_signal.as_deref().unwrap_or(""));
    let probe = config
        .healthcheck
        .as_ref()
        .map_or(&[][..], |check| &check.test);
    match probe {
        [kind, said] if kind == "CMD-SHELL" => line("HEALTHCHECK", &format!("CMD {said}")),
        [kind, words @ ..] if kind == "CMD" => line("HEALTHCHECK", &format!("CMD {}", json(words))),
        _ => {}
    }
    for (keyword, words) in [("ENTRYPOINT", &config.entrypoint), ("CMD", &config.cmd)] {
        match words.as_deref() {
            // What the shell form becomes.
            Some([shell, flag, said]) if shell == "/bin/sh" && flag == "-c" => line(keyword, said),
            Some(words) if !words.is_empty() => line(keyword, &json(words)),
            _ => {}
        }
    }
    text
}
