//! A chart: the same objects, with values for images, replicas, hosts and resources.

use super::object::{Frame, Object};
use super::{expose, resources, role};
use crate::render::File;
use crate::render::yaml::{self, Map, write};

/// The version of the chart; that of the application is its own field.
const VERSION: &str = "0.1.0";

/// The files of the chart.
pub(super) fn files(frame: &Frame<'_>, objects: &[Object]) -> Vec<File> {
    let mut files = vec![
        File {
            path: "Chart.yaml".to_owned(),
            text: write(&chart(frame), yaml::Form::Plain),
        },
        File {
            path: "values.yaml".to_owned(),
            text: write(&values(frame), yaml::Form::Plain),
        },
    ];
    files.extend(objects.iter().map(|object| File {
        path: format!("templates/{}", object.file()),
        text: template(object),
    }));
    files
}

fn template(object: &Object) -> String {
    let text = write(&object.map, yaml::Form::Chart);
    match &object.when {
        Some(condition) => format!("{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n"),
        None => text,
    }
}

fn chart(frame: &Frame<'_>) -> Map {
    Map::new()
        .set("apiVersion", "v2")
        .set("name", &frame.project.name)
        .set(
            "description",
            format!("{}, rendered by boatyard", frame.project.name),
        )
        .set("type", "application")
        .set("version", VERSION)
        .set("appVersion", &frame.options.tag)
}

fn values(frame: &Frame<'_>) -> Map {
    let project = frame.project;
    let roles = project.roles.iter().fold(Map::new(), |map, each| {
        map.set(each.name.as_str(), role_values(frame, each))
    });
    let sized = |map: Map, name: &str, said| {
        map.set(name, Map::new().set("resources", resources::values(said)))
    };
    let jobs = project
        .jobs
        .iter()
        .fold(Map::new(), |map, job| sized(map, &job.name, &job.resources));
    let schedules = project.schedules.iter().fold(Map::new(), |map, each| {
        sized(map, &each.name, &each.resources)
    });
    let mut values = Map::new().set(
        "image",
        Map::new()
            .because(
                "images are called PREFIX/SERVICE:TAG",
                "prefix",
                &project.image.prefix,
            )
            .set("tag", &frame.options.tag),
    );
    let backings = project.backings.iter().filter(|one| one.is_deployed());
    let backings = backings.fold(Map::new(), |map, each| {
        sized(map, &each.name, &each.resources)
    });
    for (key, map) in [
        ("roles", roles),
        ("jobs", jobs),
        ("schedules", schedules),
        ("backings", backings),
    ] {
        if !map.is_empty() {
            values = values.set(key, map);
        }
    }
    values
}

fn role_values(frame: &Frame<'_>, each: &boatyard_plan::project::Role) -> Map {
    let mut map = Map::new();
    if !each.placement.singleton {
        map = map.set("replicas", role::count(frame, each));
    }
    let exposed = expose::all(frame);
    if let Some(exposed) = exposed.iter().find(|one| one.role.name == each.name) {
        map = map.because(
            "the name under which it is reached from outside; empty: it is not",
            "host",
            exposed.host.unwrap_or_default(),
        );
    }
    map.set("resources", resources::values(&each.placement.resources))
}
