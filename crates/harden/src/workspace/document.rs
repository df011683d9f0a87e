//! One file, read.

use std::collections::BTreeSet;

use boatyard_plan::diagnostic::Diagnostic;
use boatyard_plan::project::{self, Project};

use super::files::{Known, Source, Workspace};
use super::kind::{Kind, kind};
use crate::dockerfile::Dockerfile;
use crate::image::{Found, PREFIX};
use crate::place::Lines;
use crate::settings::{Settings, Variant};
use crate::shell::{self, Joined, Script};
use crate::yaml;

/// One file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its path.
    pub path: String,
    /// What it says.
    pub text: String,
    /// Where its lines begin.
    pub lines: Lines,
    /// Whether it may be executed, where that is known.
    pub executable: Option<bool>,
    /// What it is.
    pub content: Content,
    /// What could not be read of it; the rest was.
    pub mistakes: Vec<Diagnostic>,
}

/// What a file is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A Dockerfile.
    Dockerfile(Dockerfile),
    /// A shell script.
    Script(Script),
    /// A Compose file: its one document.
    Compose(yaml::Document),
    /// Kubernetes objects.
    Manifests(Vec<yaml::Document>),
    /// A boatyard.toml, if it has no mistakes.
    Project(Option<Box<Project>>),
    /// A part of an image that should not be there.
    Found(Found),
    /// A template: it becomes YAML only when it is rendered.
    Template,
    /// Nothing that is checked.
    Other,
}

impl Workspace {
    /// Reads all of `sources`. `paths` are files that are there and not read.
    pub fn read(sources: Vec<Source>, mut paths: BTreeSet<String>, settings: Settings) -> Self {
        paths.extend(sources.iter().map(|source| source.path.clone()));
        let mut documents: Vec<Document> = sources.into_iter().map(Document::read).collect();
        documents.sort_by(|a, b| a.path.cmp(&b.path));
        Self {
            documents,
            paths,
            settings,
            known: Known::default(),
        }
    }

    /// The file at `path`.
    pub fn document(&self, path: &str) -> Option<&Document> {
        let at = self
            .documents
            .binary_search_by(|one| one.path.as_str().cmp(path))
            .ok()?;
        self.documents.get(at)
    }

    /// All Dockerfiles.
    pub fn dockerfiles(&self) -> impl Iterator<Item = (&Document, &Dockerfile)> {
        self.documents
            .iter()
            .filter_map(|document| match &document.content {
                Content::Dockerfile(dockerfile) => Some((document, dockerfile)),
                _ => None,
            })
    }

    /// All shell scripts.
    pub fn scripts(&self) -> impl Iterator<Item = (&Document, &Script)> {
        self.documents
            .iter()
            .filter_map(|document| match &document.content {
                Content::Script(script) => Some((document, script)),
                _ => None,
            })
    }

    /// All that was found in images and should not be there.
    pub fn found(&self) -> impl Iterator<Item = (&Document, &Found)> {
        self.documents
            .iter()
            .filter_map(|document| match &document.content {
                Content::Found(found) => Some((document, found)),
                _ => None,
            })
    }

    /// All Compose files.
    pub fn composes(&self) -> impl Iterator<Item = (&Document, &yaml::Document)> {
        self.documents
            .iter()
            .filter_map(|document| match &document.content {
                Content::Compose(yaml) => Some((document, yaml)),
                _ => None,
            })
    }

    /// All Kubernetes objects, with the files that they are in.
    pub fn objects(&self) -> impl Iterator<Item = (&Document, &yaml::Document)> {
        self.documents.iter().flat_map(|document| {
            let list: &[yaml::Document] = match &document.content {
                Content::Manifests(list) => list,
                _ => &[],
            };
            list.iter().map(move |yaml| (document, yaml))
        })
    }

    /// What the image of `document`, a Dockerfile, is for: its name says so, or the settings.
    pub fn variant(&self, document: &Document) -> Variant {
        let name = document.name().to_ascii_lowercase();
        let path = document.path.to_ascii_lowercase();
        let has =
            |text: &str, word: &str| text.split(['/', '.', '-', '_']).any(|part| part == word);
        if has(&path, "k8s") || has(&path, "kubernetes") {
            Variant::K8s
        } else if has(&name, "docker") || has(&name, "compose") {
            Variant::Docker
        } else {
            self.settings.variant
        }
    }
}

impl Document {
    /// Reads a file.
    pub fn read(source: Source) -> Self {
        let Source {
            path,
            text,
            executable,
            not_text,
            named,
        } = source;
        let (content, mistakes) = match kind(&path, &text, named) {
            _ if not_text.is_some() => {
                let at = not_text.unwrap_or(0).min(text.len());
                (Content::Other, vec![wrong("this is not UTF-8", at..at)])
            }
            Kind::Dockerfile => {
                let (dockerfile, mistakes) = Dockerfile::read(&text);
                (Content::Dockerfile(dockerfile), mistakes)
            }
            Kind::Script => {
                let script = shell::parse(&Joined::plain(&text, 0..text.len()));
                let mistakes = script
                    .mistakes
                    .iter()
                    .map(|mistake| wrong(mistake.message, mistake.span.clone()))
                    .collect();
                (Content::Script(script), mistakes)
            }
            Kind::Compose => {
                let (mut documents, mistakes) = yaml::read(&text);
                let content = if documents.is_empty() {
                    Content::Other
                } else {
                    Content::Compose(documents.remove(0))
                };
                (content, mistakes)
            }
            Kind::Manifest => {
                let (documents, mistakes) = yaml::read(&text);
                (Content::Manifests(documents), mistakes)
            }
            Kind::Project => {
                let (_, mut mistakes) = crate::settings::read(&text);
                let project = match project::parse(&text) {
                    Ok(project) => Some(Box::new(project)),
                    Err(more) => {
                        mistakes.extend(more);
                        None
                    }
                };
                (Content::Project(project), mistakes)
            }
            Kind::Template => (Content::Template, Vec::new()),
            Kind::Other => (Content::Other, Vec::new()),
        };
        Self {
            lines: Lines::of(&text),
            path,
            text,
            executable,
            content,
            mistakes,
        }
    }

    /// Whether it is an image or in one.
    pub fn is_image(&self) -> bool {
        self.path.starts_with(PREFIX)
    }

    /// The folder that it is in, empty or with `/` at its end.
    pub fn folder(&self) -> &str {
        self.path.rfind('/').map_or("", |at| &self.path[..=at])
    }

    /// Its name without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

fn wrong(message: &str, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic {
        message: message.to_owned(),
        span,
        label: String::new(),
        help: None,
    }
}
