//! Who makes the images of an environment.

use serde::{Deserialize, Serialize};

/// Who makes the images of an environment, and whether they are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// We build them.
    #[default]
    Ours,
    /// Somebody else does, and not all of them were there when they were last looked for: it is not its turn before.
    Awaited(Awaited),
    /// Somebody else has made them.
    There,
}

/// Images that are waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Awaited {
    /// What was found in their place; empty: nobody has looked yet.
    pub why: String,
    /// A pipeline of its commit has failed: the page about it; empty if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Images {
    /// Whether nobody else makes them.
    pub fn are_ours(&self) -> bool {
        *self == Self::Ours
    }

    /// Whether they are waited for, and what is known of that.
    pub fn awaited(&self) -> Option<&Awaited> {
        match self {
            Self::Awaited(awaited) => Some(awaited),
            Self::Ours | Self::There => None,
        }
    }

    /// The same of one that is made anew: they are looked for again.
    pub(crate) fn anew(&self) -> Self {
        match self {
            Self::Ours => Self::Ours,
            Self::Awaited(_) | Self::There => Self::Awaited(Awaited::default()),
        }
    }
}

impl Awaited {
    /// The page about a pipeline that has failed.
    pub fn page(&self) -> Option<&str> {
        self.failed.as_deref().filter(|page| !page.is_empty())
    }

    /// What is waited for, in one line.
    pub fn text(&self) -> String {
        let why = match self.why.as_str() {
            "" => String::new(),
            why => format!(": {why}"),
        };
        let failed = self.failed.as_ref().map(|_| ", and a pipeline has failed");
        format!("its images{}{why}", failed.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
