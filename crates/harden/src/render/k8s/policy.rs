//! Who may reach whom: nobody, but for what the project needs.

use boatyard_plan::project::Role;

use super::expose::Exposed;
use super::object::{Frame, Object};
use super::{label, name, values};
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

/// The `NetworkPolicy` of a role that listens: the project's pods reach it.
pub(super) fn of_role(frame: &Frame<'_>, each: &Role) -> Option<Object> {
    Some(within(frame, &each.name, each.port?))
}

/// The same of `component`, which listens on `port`.
pub(super) fn within(frame: &Frame<'_>, component: &str, port: u16) -> Object {
    let own = Map::new().set("podSelector", matching(frame, None));
    let rule = Map::new().because("pods of this project", "from", [own]);
    let name = name::object(&frame.project.name, component);
    open(frame, component, name, rule, port)
}

/// The `NetworkPolicy` of a role that is reached from outside; in a chart there only with a host.
pub(super) fn outside(frame: &Frame<'_>, exposed: &Exposed<'_>) -> Option<Object> {
    let Exposed { role, .. } = exposed;
    let rule = match &frame.project.deploy.ingress_namespace {
        Some(namespace) => {
            let labels = Map::new().set("kubernetes.io/metadata.name", namespace);
            let controller =
                Map::new().set("namespaceSelector", Map::new().set("matchLabels", labels));
            Map::new().because(
                "whatever routes requests from outside",
                "from",
                [controller],
            )
        }
        None => Map::new(),
    };
    let name = name::object(&frame.project.name, &format!("{}-from-outside", role.name));
    let object = open(frame, &role.name, name, rule, role.port?);
    Some(object.when(values::reach(&["roles", &role.name, "host"])))
}

fn open(frame: &Frame<'_>, component: &str, name: String, from: Map, port: u16) -> Object {
    let ports = [Map::new().set("protocol", "TCP").set("port", port)];
    let rule = if from.is_empty() {
        from.because(
            "from anywhere: [deploy] ingress-namespace narrows it to what routes requests",
            "ports",
            ports,
        )
    } else {
        from.set("ports", ports)
    };
    let component = Some(component);
    let spec = Map::new()
        .set("podSelector", matching(frame, component))
        .set("policyTypes", ["Ingress"])
        .set("ingress", [rule]);
    frame
        .object("networking.k8s.io/v1", "NetworkPolicy", name, component)
        .with("spec", spec)
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
    let elsewhere = || project.backings.iter().filter(|one| !one.is_deployed());
    let mut ports: Vec<u16> = elsewhere().map(|backing| backing.kind.port()).collect();
    ports.sort_unstable();
    ports.dedup();
    if !ports.is_empty() {
        let kinds: Vec<&str> = elsewhere().map(|backing| backing.name.as_str()).collect();
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
