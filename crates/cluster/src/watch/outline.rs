//! Of a Deployment its metadata and how many run of it: the rest, which is most of it, is not even read.

use std::borrow::Cow;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::{Deserialize, Deserializer};

use super::metadata::Read;

/// The outline of a Deployment.
#[derive(Clone, Debug)]
pub struct Outline {
    metadata: ObjectMeta,
    /// How many are to run.
    pub replicas: i32,
    /// How many do, and are ready.
    pub available: i32,
}

impl Resource for Outline {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        Deployment::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        Deployment::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        Deployment::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        Deployment::plural(&())
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            metadata: Read,
            #[serde(default)]
            spec: Spec,
            #[serde(default)]
            status: Status,
        }
        #[derive(Default, Deserialize)]
        struct Spec {
            replicas: Option<i32>,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Status {
            available_replicas: Option<i32>,
        }
        let object = Object::deserialize(deserializer)?;
        Ok(Self {
            metadata: object.metadata.into(),
            replicas: object.spec.replicas.unwrap_or(1),
            available: object.status.available_replicas.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_what_a_deployment_says() {
        let object = json!({
            "kind": "Deployment", "apiVersion": "apps/v1",
            "metadata": {"name": "web", "labels": {"a": "b"}, "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {}}}]},
            "spec": {"replicas": 3, "selector": {}, "template": {"spec": {"containers": []}}},
            "status": {"availableReplicas": 2, "conditions": []},
        });
        let full: Deployment = serde_json::from_value(object.clone()).unwrap();
        let outline: Outline = serde_json::from_value(object).unwrap();
        let mut metadata = full.metadata;
        assert!(metadata.managed_fields.take().is_some());
        assert_eq!(*outline.meta(), metadata);
        assert_eq!((outline.replicas, outline.available), (3, 2));
        let bare: Outline = serde_json::from_value(json!({"metadata": {"name": "web"}})).unwrap();
        assert_eq!((bare.replicas, bare.available), (1, 0));
        let path = Deployment::url_path(&(), Some("shop"));
        assert_eq!(Outline::url_path(&(), Some("shop")), path);
    }
}
