//! What a role may ask the API server for: an account of its own, with rights that are named one by one.

use boatyard_plan::project::{Right, Role};

use super::name;
use super::object::{Frame, Object};
use crate::render::yaml::{Map, Tree};

const GROUP: &str = "rbac.authorization.k8s.io";
const VERSION: &str = "rbac.authorization.k8s.io/v1";

/// The account of the pods of `role`, if it is not that of the project, which may do nothing.
pub(super) fn account(frame: &Frame<'_>, role: &Role) -> Option<String> {
    let has_some = !role.placement.rights.is_empty();
    has_some.then(|| name::object(&frame.project.name, &role.name))
}

/// Accounts, rights, and who has them.
pub(super) fn objects(frame: &Frame<'_>) -> Vec<Object> {
    let roles = frame.project.roles.iter();
    roles.flat_map(|role| of_role(frame, role)).collect()
}

/// Whether rights in all namespaces cannot be given: who has them is written down with the namespace.
pub(super) fn lacks_namespace(frame: &Frame<'_>) -> bool {
    let mut rights = frame.project.roles.iter();
    rights.any(|role| role.placement.rights.iter().any(|one| one.everywhere))
        && everywhere(frame).is_none()
}

/// The namespace in which accounts will be, if that is known here.
fn everywhere<'a>(frame: &Frame<'a>) -> Option<&'a str> {
    // A chart is installed wherever somebody says.
    frame.wanted_namespace().filter(|_| !frame.is_chart())
}

fn of_role(frame: &Frame<'_>, role: &Role) -> Vec<Object> {
    let Some(account) = account(frame, role) else {
        return Vec::new();
    };
    let component = Some(role.name.as_str());
    let mut object = frame.object("v1", "ServiceAccount", account.clone(), component);
    object.map = object.map.because(
        "its pods say themselves that they want the token",
        "automountServiceAccountToken",
        false,
    );
    let mut objects = vec![object];
    let rights = &role.placement.rights;
    let here = rules(rights.iter().filter(|right| !right.everywhere));
    if !here.is_empty() {
        let object = frame.object(VERSION, "Role", account.clone(), component);
        objects.push(with(object, "rules", here));
        let object = frame.object(VERSION, "RoleBinding", account.clone(), component);
        objects.push(bound(object, "Role", &account, &account, None));
    }
    let all = rules(rights.iter().filter(|right| right.everywhere));
    if let Some(namespace) = everywhere(frame).filter(|_| !all.is_empty()) {
        // There may be one in each namespace.
        let name = name::object(&format!("{namespace}-{}", frame.project.name), &role.name);
        let object = frame.object_everywhere(VERSION, "ClusterRole", name.clone(), component);
        objects.push(with(object, "rules", all));
        let object =
            frame.object_everywhere(VERSION, "ClusterRoleBinding", name.clone(), component);
        objects.push(bound(
            object,
            "ClusterRole",
            &name,
            &account,
            Some(namespace),
        ));
    }
    objects
}

fn rules<'a>(rights: impl Iterator<Item = &'a Right>) -> Vec<Map> {
    let rule = |right: &Right| {
        let names = (!right.names.is_empty()).then(|| right.names.clone());
        Map::new()
            .set("apiGroups", right.groups.clone())
            .set("resources", right.resources.clone())
            .maybe("resourceNames", names)
            .set("verbs", right.verbs.clone())
    };
    rights.map(rule).collect()
}

fn bound(
    object: Object,
    kind: &str,
    rights: &str,
    account: &str,
    namespace: Option<&str>,
) -> Object {
    let reference = Map::new()
        .set("apiGroup", GROUP)
        .set("kind", kind)
        .set("name", rights);
    let subject = Map::new()
        .set("kind", "ServiceAccount")
        .set("name", account)
        .maybe("namespace", namespace);
    with(object.with("roleRef", reference), "subjects", vec![subject])
}

fn with(mut object: Object, key: &str, list: Vec<Map>) -> Object {
    object.map = object.map.set(key, Tree::from(list));
    object
}
