//! The way from outside to a role: Ingress, `HTTPRoute`, or a Route of `OpenShift`.

use super::expose::{self, Exposed};
use super::object::{Frame, Object};
use super::{name, probe, values};
use crate::render::yaml::{Map, Tree};

/// One object for each role that is reached from outside.
pub(super) fn routes(frame: &Frame<'_>) -> Vec<Object> {
    let said = frame.options.gateway.as_deref();
    let gateway = said.or(frame.project.deploy.gateway.as_deref());
    let route = |exposed: Exposed<'_>| {
        let object = match gateway {
            Some(gateway) => http_route(frame, &exposed, gateway),
            None if frame.is_openshift() => openshift(frame, &exposed),
            None => ingress(frame, &exposed),
        };
        object.when(values::reach(&["roles", &exposed.role.name, "host"]))
    };
    expose::all(frame).into_iter().map(route).collect()
}

fn ingress(frame: &Frame<'_>, exposed: &Exposed<'_>) -> Object {
    let deploy = &frame.project.deploy;
    let secret = deploy.tls_secret.clone().unwrap_or_else(|| {
        name::object(&frame.project.name, &format!("{}-tls", exposed.role.name))
    });
    let service = Map::new()
        .set("name", service(frame, exposed))
        .set("port", Map::new().set("name", probe::PORT));
    let path = Map::new()
        .set("path", "/")
        .set("pathType", "Prefix")
        .set("backend", Map::new().set("service", service));
    let rule = Map::new()
        .set("host", host(frame, exposed))
        .set("http", Map::new().set("paths", [path]));
    let tls = Map::new()
        .set("hosts", Tree::List(vec![host(frame, exposed)]))
        .set("secretName", secret);
    let spec = Map::new()
        .maybe("ingressClassName", deploy.ingress_class.as_ref())
        .because(
            "the certificate is in this Secret; cert-manager makes it if it is told to",
            "tls",
            [tls],
        )
        .set("rules", [rule]);
    object(frame, "networking.k8s.io/v1", "Ingress", exposed).with("spec", spec)
}

fn http_route(frame: &Frame<'_>, exposed: &Exposed<'_>, gateway: &str) -> Object {
    let (namespace, gateway) = match gateway.split_once('/') {
        Some((namespace, gateway)) => (Some(namespace), gateway),
        None => (None, gateway),
    };
    let parent = Map::new()
        .set("name", gateway)
        .maybe("namespace", namespace);
    let path = Map::new().set("type", "PathPrefix").set("value", "/");
    let backend = Map::new()
        .set("name", service(frame, exposed))
        .maybe("port", exposed.role.port);
    let rule = Map::new()
        .set("matches", [Map::new().set("path", path)])
        .set("backendRefs", [backend]);
    let spec = Map::new()
        .because("the gateway has the certificate", "parentRefs", [parent])
        .set("hostnames", Tree::List(vec![host(frame, exposed)]))
        .set("rules", [rule]);
    object(frame, "gateway.networking.k8s.io/v1", "HTTPRoute", exposed).with("spec", spec)
}

fn openshift(frame: &Frame<'_>, exposed: &Exposed<'_>) -> Object {
    let spec = Map::new()
        .set("host", host(frame, exposed))
        .set(
            "to",
            Map::new()
                .set("kind", "Service")
                .set("name", service(frame, exposed))
                .set("weight", 100_u32),
        )
        .set("port", Map::new().set("targetPort", probe::PORT))
        .because(
            "TLS ends at the router, with its certificate",
            "tls",
            Map::new()
                .set("termination", "edge")
                .set("insecureEdgeTerminationPolicy", "Redirect"),
        );
    object(frame, "route.openshift.io/v1", "Route", exposed).with("spec", spec)
}

fn object(frame: &Frame<'_>, version: &str, kind: &'static str, exposed: &Exposed<'_>) -> Object {
    let name = name::object(&frame.project.name, &exposed.role.name);
    frame.object(version, kind, name, Some(&exposed.role.name))
}

fn service(frame: &Frame<'_>, exposed: &Exposed<'_>) -> String {
    name::service(&frame.project.name, &exposed.role.name)
}

fn host(frame: &Frame<'_>, exposed: &Exposed<'_>) -> Tree {
    let host = exposed.host.unwrap_or_default();
    if frame.is_chart() {
        values::text(host, &["roles", &exposed.role.name, "host"])
    } else {
        host.into()
    }
}
