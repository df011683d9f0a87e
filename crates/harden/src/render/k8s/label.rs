//! Labels: the recommended ones (kubernetes.io, "Recommended Labels").

use std::collections::BTreeMap;

use super::object::Frame;
use super::options::Form;
use super::values;
use crate::render::yaml::{Map, Tree};

const NAME: &str = "app.kubernetes.io/name";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const BOATYARD: &str = "boatyard";
const COMPONENT: &str = "app.kubernetes.io/component";

/// The longest value of a label.
const LONGEST: usize = 63;

/// Labels of all that belongs to `component`; of what belongs to the whole project without one.
pub(super) fn all(frame: &Frame<'_>, component: Option<&str>) -> Map {
    Map::new()
        .set(NAME, &frame.project.name)
        .maybe(COMPONENT, component)
        .maybe("app.kubernetes.io/version", version(frame))
        .set(MANAGED_BY, BOATYARD)
}

/// The same without the version: of what a new version leaves as it is.
pub(super) fn lasting(frame: &Frame<'_>, component: &str) -> Map {
    selector(frame, Some(component)).set(MANAGED_BY, BOATYARD)
}

/// The same for whoever makes objects that are not rendered.
pub(super) fn plain(frame: &Frame<'_>, component: &str) -> BTreeMap<String, String> {
    let labels = [
        (NAME, frame.project.name.as_str()),
        (COMPONENT, component),
        (MANAGED_BY, BOATYARD),
    ];
    labels
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// What chooses all that is made of the project, for `kubectl -l`.
pub(super) fn selection(frame: &Frame<'_>) -> String {
    format!("{MANAGED_BY}={BOATYARD},{NAME}={}", frame.project.name)
}

/// What chooses the pods of `component`; all pods of the project without one. They do not change when the version does.
pub(super) fn selector(frame: &Frame<'_>, component: Option<&str>) -> Map {
    Map::new()
        .set(NAME, &frame.project.name)
        .maybe(COMPONENT, component)
}

/// The tag, if it can be the value of a label. A kustomization gives images other tags, and does not change labels.
fn version(frame: &Frame<'_>) -> Option<Tree> {
    let tag = frame.options.tag.as_str();
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let fits = tag.len() <= LONGEST && ends(tag.chars().next()) && ends(tag.chars().next_back());
    match frame.options.form {
        Form::Kustomize => None,
        Form::Helm => Some(values::tag(tag, true)),
        Form::Plain => fits.then(|| tag.into()),
    }
}
