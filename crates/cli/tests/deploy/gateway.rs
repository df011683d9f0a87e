//! A gateway for tests: it takes connections, and leads each to where the Ingress or `HTTPRoute` of its host says.
//!
//! ```text
//! Host --> HTTPRoute with a parent that is the Gateway, and that it lets in, or Ingress of the class --> Service --> externalName:targetPort
//! ```

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use boatyard_kubetest::Cluster;
use serde_json::{Value, json};

use crate::previewed::get;

/// The class of Ingresses that are its own.
pub const CLASS: &str = "dock";
/// What the Gateway is called.
pub const GATEWAY: &str = "public";
/// Below it hosts are let in.
const DOMAIN: &str = ".preview.localhost";

/// The Gateway, as somebody has it who lets routes of all namespaces in and has one certificate for all hosts.
pub fn object() -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": GATEWAY},
        "spec": {"gatewayClassName": CLASS, "listeners": [{
            "name": "https", "protocol": "HTTPS", "port": 443, "hostname": format!("*{DOMAIN}"),
            "allowedRoutes": {"namespaces": {"from": "All"}},
            "tls": {"certificateRefs": [{"name": "wildcard"}]},
        }]},
    })
}

/// What it answers to a visitor of `host` that asks for `path`: of what the host leads to, or 404 itself.
pub fn visit(cluster: &Cluster, kind: &str, host: &str, path: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| pass(cluster, kind, listener.accept().unwrap().0));
        let mut visitor = TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        visitor.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        visitor.read_to_string(&mut answer).unwrap();
        answer
    })
}

/// Leads one connection on.
fn pass(cluster: &Cluster, kind: &str, mut visitor: TcpStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        visitor.read_exact(&mut byte).unwrap();
        request.extend(byte);
    }
    let text = String::from_utf8(request.clone()).unwrap();
    let mut lines = text.lines();
    let host = lines.find_map(|line| line.strip_prefix("Host: ")).unwrap();
    let host = host.split(':').next().unwrap();
    let Some(backend) = backend(cluster, kind, host) else {
        let nowhere = b"HTTP/1.1 404 no way\r\nContent-Length: 0\r\n\r\n";
        return visitor.write_all(nowhere).unwrap();
    };
    let mut server = TcpStream::connect(backend).unwrap();
    server.write_all(&request).unwrap();
    std::io::copy(&mut server, &mut visitor).unwrap();
}

/// Where a host leads to.
fn backend(cluster: &Cluster, kind: &str, host: &str) -> Option<String> {
    let all = get(cluster, &["-A", kind]);
    let all = all["items"].as_array().unwrap().iter();
    let mut led = all.filter_map(|one| Some((one, leads(cluster, one, host)?)));
    let (one, (service, port)) = led.next()?;
    let namespace = one["metadata"]["namespace"].as_str().unwrap();
    let service = get(cluster, &["-n", namespace, "service", &service]);
    let ports = service["spec"]["ports"].as_array().unwrap();
    let port = &ports.iter().find(|one| one["port"] == port)?["targetPort"];
    let name = service["spec"]["externalName"].as_str()?;
    Some(format!("{name}:{port}"))
}

/// The Service and the port that a way leads the host to, if it does.
fn leads(cluster: &Cluster, way: &Value, host: &str) -> Option<(String, u64)> {
    let spec = &way["spec"];
    let (service, port) = if way["kind"] == "Ingress" {
        let rule = &spec["rules"][0];
        if spec["ingressClassName"] != CLASS || rule["host"] != host {
            return None;
        }
        let service = &rule["http"]["paths"][0]["backend"]["service"];
        (&service["name"], &service["port"]["number"])
    } else {
        let parent = &spec["parentRefs"][0];
        let own = &way["metadata"]["namespace"];
        let namespace = parent["namespace"].as_str().or(own.as_str())?;
        let gateway = get(
            cluster,
            &["-n", namespace, "gateways", parent["name"].as_str()?],
        );
        let listener = &gateway["spec"]["listeners"][0];
        let from = &listener["allowedRoutes"]["namespaces"]["from"];
        let domain = listener["hostname"].as_str()?.strip_prefix('*')?;
        if from != "All" || spec["hostnames"] != json!([host]) || !host.ends_with(domain) {
            return None;
        }
        let backend = &spec["rules"][0]["backendRefs"][0];
        (&backend["name"], &backend["port"])
    };
    Some((service.as_str()?.to_owned(), port.as_u64()?))
}
