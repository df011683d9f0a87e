//! All objects of a project, and the files that they are in.

use boatyard_plan::project::{Project, Role};

use super::object::{Frame, Object};
use super::options::Options;
use super::{role, service};
use crate::render::yaml::{Form, write};
use crate::render::{File, Rendered};

/// The manifests of `project`.
pub fn render(project: &Project, options: &Options) -> Rendered {
    let frame = Frame { project, options };
    Rendered {
        files: objects(&frame).iter().map(file).collect(),
        notes: Vec::new(),
    }
}

/// All objects, each after those that it names.
fn objects(frame: &Frame<'_>) -> Vec<Object> {
    let roles = || frame.project.roles.iter();
    let mut objects = Vec::new();
    objects.extend(roles().filter_map(|role| service::service(frame, role)));
    objects.extend(roles().map(|each| role::deployment(frame, each, service_of(frame, each))));
    objects
}

/// The service whose image has `role`.
fn service_of<'a>(frame: &Frame<'a>, role: &Role) -> &'a str {
    let mut services = frame.project.services.iter();
    let service = services.find(|service| service.roles.contains(&role.name));
    let service = service.expect("every role was found in a service when the project was read");
    &service.name
}

fn file(object: &Object) -> File {
    File {
        path: object.file(),
        text: write(&object.map, Form::Plain),
    }
}
