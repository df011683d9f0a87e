//! The headers of a request.

use std::collections::BTreeMap;

/// Headers by name, whose case does not matter; the last of several counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// The value of that header, without blanks around it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(&name.to_ascii_lowercase())
            .map(|value| value.trim())
    }

    /// The value of the first of these that is there.
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(all: I) -> Self {
        let small = |name: N| name.as_ref().to_ascii_lowercase();
        Self(
            all.into_iter()
                .map(|(name, value)| (small(name), value.into()))
                .collect(),
        )
    }
}
