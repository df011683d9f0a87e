//! A base, and a kustomization on top of it that names images and namespace.

use super::image;
use super::object::{Frame, Object};
use crate::render::File;
use crate::render::yaml::{self, Map, Tree, write};

const VERSION: &str = "kustomize.config.k8s.io/v1beta1";

/// The files: `base/` and `kustomization.yaml`.
pub(super) fn files(frame: &Frame<'_>, objects: &[Object]) -> Vec<File> {
    let mut files = vec![file(
        "kustomization.yaml",
        "Names the images of a version, and the namespace. Everything else is in base/.",
        &top(frame),
    )];
    let names: Vec<String> = objects.iter().map(Object::file).collect();
    let base = Map::new()
        .set("apiVersion", VERSION)
        .set("kind", "Kustomization")
        .set("resources", names);
    files.push(file(
        "base/kustomization.yaml",
        "Applied by the kustomization above it.",
        &base,
    ));
    files.extend(objects.iter().map(|object| File {
        path: format!("base/{}", object.file()),
        text: write(&object.map, yaml::Form::Plain),
    }));
    files
}

fn top(frame: &Frame<'_>) -> Map {
    let images = frame.project.services.iter().map(|service| {
        let map = Map::new().set("name", image::path(frame, &service.name));
        match frame.digest(&service.name) {
            Some(digest) => map.set("digest", digest.to_string()),
            None => map.set("newTag", &frame.options.tag),
        }
    });
    Map::new()
        .set("apiVersion", VERSION)
        .set("kind", "Kustomization")
        .maybe("namespace", frame.wanted_namespace())
        .set("resources", ["base"])
        .set("images", Tree::from(images.collect::<Vec<_>>()))
}

fn file(path: &str, what: &str, map: &Map) -> File {
    File {
        path: path.to_owned(),
        text: format!("# {what}\n{}", write(map, yaml::Form::Plain)),
    }
}
