//! Who may reach whom: nobody, but for what the project needs.

use boatyard_plan::project::Role;

use super::object::{Frame, Object};
use super::{label, name, role};
use crate::render::yaml::{Map, Tree};

/// The port of name servers.
const NAMES: u16 = 53;

/// The port on which the name servers of `OpenShift` listen behind their Service.
const NAMES_OPENSHIFT: u16 = 5353;

/// The `NetworkPolicy` of all pods of the project: nobody reaches them, and they reach what the project needs.
pub(super) fn whole(frame: &Frame<'_>) -> Object {
    let spec = Map::new()
        .set("podSelector", matching(frame, None))
        .because(
            "nothing is open that is not said here or in the policy of a role",
            "policyTypes",
            ["Ingress", "Egress"],
        )
        .set("egress", egress(frame));
    frame
        .object(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            frame.project.name.clone(),
            None,
        )
        .with("spec", spec)
}

/// The `NetworkPolicy` of a role that listens.
pub(super) fn of_role(frame: &Frame<'_>, each: &Role) -> Option<Object> {
    let port = each.port?;
    let own = Map::new().set("podSelector", matching(frame, None));
    let open = role::is_exposed(frame, each);
    let mut rule = Map::new();
    match (open, &frame.project.deploy.ingress_namespace) {
        (true, Some(namespace)) => {
            let labels = Map::new().set("kubernetes.io/metadata.name", namespace);
            let controller =
                Map::new().set("namespaceSelector", Map::new().set("matchLabels", labels));
            rule = rule.because(
                "pods of this project, and whatever routes requests from outside",
                "from",
                [own, controller],
            );
        }
        (false, _) => rule = rule.because("pods of this project", "from", [own]),
        (true, None) => {}
    }
    let ports = [Map::new().set("protocol", "TCP").set("port", port)];
    let rule = if open && frame.project.deploy.ingress_namespace.is_none() {
        rule.because(
            "from anywhere: [deploy] ingress-namespace narrows it to what routes requests",
            "ports",
            ports,
        )
    } else {
        rule.set("ports", ports)
    };
    let component = Some(each.name.as_str());
    let spec = Map::new()
        .set("podSelector", matching(frame, component))
        .set("policyTypes", ["Ingress"])
        .set("ingress", [rule]);
    let name = name::object(&frame.project.name, &each.name);
    Some(
        frame
            .object("networking.k8s.io/v1", "NetworkPolicy", name, component)
            .with("spec", spec),
    )
}

fn egress(frame: &Frame<'_>) -> Vec<Map> {
    let project = frame.project;
    let port = |protocol: &str, port: u16| Map::new().set("protocol", protocol).set("port", port);
    let mut names = vec![port("UDP", NAMES), port("TCP", NAMES)];
    if frame.is_openshift() {
        names.extend([port("UDP", NAMES_OPENSHIFT), port("TCP", NAMES_OPENSHIFT)]);
    }
    let mut rules = vec![
        Map::new().because("names are resolved", "ports", names),
        Map::new().because(
            "pods of this project reach each other where they listen",
            "to",
            Tree::from([Map::new().set("podSelector", matching(frame, None))]),
        ),
    ];
    let mut ports: Vec<u16> = project
        .backings
        .iter()
        .map(|backing| backing.kind.port())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    if !ports.is_empty() {
        let kinds: Vec<&str> = project
            .backings
            .iter()
            .map(|backing| backing.name.as_str())
            .collect();
        rules.push(
            Map::new().because(
                format!("{}, wherever they run", kinds.join(", ")),
                "ports",
                ports
                    .into_iter()
                    .map(|one| port("TCP", one))
                    .collect::<Vec<_>>(),
            ),
        );
    }
    if !project.deploy.egress.is_empty() {
        let more = project.deploy.egress.iter();
        rules.push(Map::new().because(
            "[deploy] egress",
            "ports",
            more.map(|one| port("TCP", *one)).collect::<Vec<_>>(),
        ));
    }
    rules
}

fn matching(frame: &Frame<'_>, component: Option<&str>) -> Map {
    Map::new().set("matchLabels", label::selector(frame, component))
}
