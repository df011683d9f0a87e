//! What is asked of the API server.

use std::collections::BTreeMap;

use super::store::{Filter, Key};

/// A question: its path and its query, taken apart.
pub struct Ask {
    pub group: String,
    pub plural: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub part: Option<String>,
    pub query: BTreeMap<String, String>,
}

impl Ask {
    pub fn read(path: &str, query: &str) -> Option<Self> {
        let mut words = path.trim_matches('/').split('/');
        let group = match words.next()? {
            "api" => words.next()?.to_owned(),
            "apis" => format!("{}/{}", words.next()?, words.next()?),
            _ => return None,
        };
        let rest: Vec<String> = words.map(str::to_owned).collect();
        let mut ask = Self {
            group,
            plural: String::new(),
            namespace: None,
            name: None,
            part: None,
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        };
        let mut rest = rest.into_iter();
        ask.plural = rest.next().unwrap_or_default();
        ask.name = rest.next();
        if ask.plural == "namespaces"
            && let Some(inner) = rest.next()
        {
            ask.namespace = ask.name.take();
            ask.plural = inner;
            ask.name = rest.next();
        }
        ask.part = rest.next();
        Some(ask)
    }

    pub fn filter(&self) -> Filter {
        Filter {
            plural: self.plural.clone(),
            namespace: self.namespace.clone(),
            labels: self.query.get("labelSelector").cloned(),
        }
    }

    pub fn key(&self, name: &str) -> Key {
        let namespace = self.namespace.as_deref().unwrap_or_default();
        Key::new(&self.plural, namespace, name)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.query.get(name)?.parse().ok()
    }

    pub fn is(&self, name: &str) -> bool {
        let value = self.query.get(name).map(String::as_str);
        matches!(value, Some("true" | "1"))
    }
}
