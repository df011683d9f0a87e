//! Who pods are for the API server: somebody who may do nothing.

use super::object::{Frame, Object};

/// The `ServiceAccount` of the project.
pub(super) fn account(frame: &Frame<'_>) -> Object {
    let mut object = frame.object("v1", "ServiceAccount", frame.project.name.clone(), None);
    object.map = object.map.because(
        "no token of the API server in any pod",
        "automountServiceAccountToken",
        false,
    );
    object
}
