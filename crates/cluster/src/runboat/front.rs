//! Where a build answers.

use std::net::SocketAddr;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::api::networking::v1::Ingress;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt as _;
use kube::api::ListParams;

use super::installed::Installed;
use crate::refusal::Refusal;

/// What people look at of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    /// The address of its Service inside of the cluster; none: it has none.
    pub address: Option<SocketAddr>,
    /// What chooses the pods behind it, none of another build.
    pub pods: String,
    /// The port of these pods.
    pub port: u16,
}

impl Installed {
    /// The Service that an Ingress of the build leads `host` to; without such a one its first Service. None: it has none.
    pub async fn front(&self, host: &str) -> Result<Option<Front>, Refusal> {
        let chosen = ListParams::default().labels(&self.selector());
        let calls = self.cluster.calls();
        let (services, ingresses) = (self.cluster.api::<Service>(), self.cluster.api::<Ingress>());
        let asked = async || services.list(&chosen).await;
        let services = calls.call("list services of a build", asked).await?.items;
        let asked = async || ingresses.list(&chosen).await;
        let ingresses = calls.call("list ingresses of a build", asked).await?.items;
        let deployments = self.cluster.api::<Deployment>();
        let asked = async || deployments.list(&chosen).await;
        let deployments = calls
            .call("list deployments of a build", asked)
            .await?
            .items;
        let front = of(&services, &ingresses, &deployments, host);
        Ok(front.map(|front| front.among(&self.pods(None))))
    }
}

impl Front {
    /// The same, where all its pods are among those that `own` chooses. A Service without a selector says nothing of pods, and would lead to
    /// any of a namespace that builds share.
    fn among(self, own: &str) -> Self {
        let pods = if self.pods.is_empty() {
            own.to_owned()
        } else {
            format!("{},{own}", self.pods)
        };
        Self { pods, ..self }
    }
}

fn of(
    services: &[Service],
    ingresses: &[Ingress],
    deployments: &[Deployment],
    host: &str,
) -> Option<Front> {
    let led = ingresses.iter().find_map(|one| led(one, host));
    let ports = |one: &Service| {
        one.spec
            .clone()
            .and_then(|spec| spec.ports)
            .unwrap_or_default()
    };
    let named = led.as_ref().and_then(|(name, port)| {
        let service = services.iter().find(|one| one.name_any() == *name)?;
        let port = ports(service).into_iter().find(|one| port.fits(one))?;
        Some((service, port))
    });
    let (service, port) = named.or_else(|| {
        let service = services.iter().find(|one| !ports(one).is_empty())?;
        Some((service, ports(service).into_iter().next()?))
    })?;
    let spec = service.spec.as_ref()?;
    let number = u16::try_from(port.port).ok()?;
    let ip = spec.cluster_ip.as_deref().and_then(|ip| ip.parse().ok());
    let pods: Vec<String> = spec
        .selector
        .iter()
        .flatten()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    Some(Front {
        address: ip.map(|ip| SocketAddr::new(ip, number)),
        pods: pods.join(","),
        port: behind(&port, deployments).unwrap_or(number),
    })
}

/// How an Ingress means a port of a Service.
enum Meant {
    Number(i32),
    Name(String),
}

impl Meant {
    fn fits(&self, port: &ServicePort) -> bool {
        match self {
            Self::Number(number) => port.port == *number,
            Self::Name(name) => port.name.as_ref() == Some(name),
        }
    }
}

/// The Service that an Ingress leads a host to.
fn led(ingress: &Ingress, host: &str) -> Option<(String, Meant)> {
    let rules = ingress.spec.as_ref()?.rules.as_ref()?;
    let rule = rules
        .iter()
        .find(|rule| rule.host.as_deref() == Some(host))?;
    let backend = rule
        .http
        .as_ref()?
        .paths
        .first()?
        .backend
        .service
        .as_ref()?;
    let port = backend.port.as_ref()?;
    let meant = match (port.number, &port.name) {
        (Some(number), _) => Meant::Number(number),
        (None, Some(name)) => Meant::Name(name.clone()),
        (None, None) => return None,
    };
    Some((backend.name.clone(), meant))
}

/// The port of the pods behind a port of a Service.
fn behind(port: &ServicePort, deployments: &[Deployment]) -> Option<u16> {
    let number = match port.target_port.as_ref()? {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let pods = deployments
                .iter()
                .filter_map(|one| one.spec.as_ref()?.template.spec.as_ref());
            let containers = pods.flat_map(|pod| &pod.containers);
            let mut ports = containers.flat_map(|one| one.ports.iter().flatten());
            ports
                .find(|one| one.name.as_ref() == Some(name))?
                .container_port
        }
    };
    u16::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Service;
    use serde_json::{Value, json};

    use super::of;

    #[test]
    fn the_ingress_says_which_of_several() {
        let service = |name: &str, ports: Value| {
            serde_json::from_value(json!({
                "metadata": {"name": name},
                "spec": {"clusterIP": "10.0.0.7", "selector": {"app": "odoo", "runboat/build": "b1"}, "ports": ports},
            }))
            .unwrap()
        };
        let services = [
            service("mail", json!([{"port": 8025}])),
            service(
                "odoo",
                json!([{"port": 8072, "name": "poll"}, {"port": 80, "name": "web", "targetPort": "http"}]),
            ),
        ];
        let ingress = |port: Value| {
            serde_json::from_value(json!({"metadata": {"name": "odoo"}, "spec": {"rules": [{
                "host": "b1.builds.test",
                "http": {"paths": [{"pathType": "Prefix", "backend": {"service": {"name": "odoo", "port": port}}}]},
            }]}}))
            .unwrap()
        };
        let deployment = serde_json::from_value(json!({"metadata": {"name": "odoo"}, "spec": {
            "selector": {}, "template": {"spec": {"containers": [
                {"name": "proxy"}, {"name": "odoo", "ports": [{"name": "http", "containerPort": 8069}]},
            ]}},
        }}))
        .unwrap();
        let deployments = [deployment];
        let found = |ingresses: &[_], host| of(&services, ingresses, &deployments, host).unwrap();
        for (port, host, expected) in [
            (
                json!({"name": "web"}),
                "b1.builds.test",
                ("10.0.0.7:80", 8069),
            ),
            (
                json!({"number": 8072}),
                "b1.builds.test",
                ("10.0.0.7:8072", 8072),
            ),
            (
                json!({"name": "web"}),
                "other.test",
                ("10.0.0.7:8025", 8025),
            ),
        ] {
            let front = found(&[ingress(port)], host);
            assert_eq!(
                (front.address.unwrap().to_string().as_str(), front.port),
                expected
            );
            assert_eq!(front.pods, "app=odoo,runboat/build=b1");
        }
        assert_eq!(of(&[], &[], &[], "a"), None);
    }

    #[test]
    fn no_front_leads_to_pods_of_another_build() {
        for (selector, expected) in [
            (
                json!({"app": "odoo"}),
                "app=odoo,runboat/build=b1,!runboat/job-kind",
            ),
            (json!(null), "runboat/build=b1,!runboat/job-kind"),
            (json!({}), "runboat/build=b1,!runboat/job-kind"),
        ] {
            let service: Service = serde_json::from_value(json!({
                "metadata": {"name": "odoo"},
                "spec": {"clusterIP": "10.0.0.7", "selector": selector, "ports": [{"port": 80}]},
            }))
            .unwrap();
            let front = of(&[service], &[], &[], "b1.builds.test").unwrap();
            let own = "runboat/build=b1,!runboat/job-kind";
            assert_eq!(front.among(own).pods, expected);
        }
    }
}
