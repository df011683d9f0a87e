//! `--annotation`: words on manifests and indexes, as `docker buildx build` has them said.

use std::collections::BTreeMap;

/// Annotations by what they are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// On the image's manifest.
    pub manifest: BTreeMap<String, String>,
    /// On the index.
    pub index: BTreeMap<String, String>,
    /// On the entry of the index that stands for the image.
    pub manifest_descriptor: BTreeMap<String, String>,
}

/// Words that are no annotation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct BadAnnotation {
    /// What is wrong with them.
    pub problem: &'static str,
}

impl Annotations {
    /// Whether an image needs an index to carry them.
    pub fn need_index(&self) -> bool {
        !self.index.is_empty() || !self.manifest_descriptor.is_empty()
    }

    /// Adds `[TYPE[,TYPE]...:]NAME=VALUE` for an image for `platform`; a type is `manifest`, `index` or
    /// `manifest-descriptor`, and the first and the last may name a platform: `manifest[linux/amd64]`.
    pub fn add(&mut self, word: &str, platform: &str) -> Result<(), BadAnnotation> {
        let wrong = |problem| BadAnnotation { problem };
        let (head, value) = word
            .split_once('=')
            .ok_or_else(|| wrong("there is no \"=\""))?;
        let (kinds, name) = match head.split_once(':') {
            Some((kinds, name)) => (kinds, name),
            None => ("manifest", head),
        };
        if name.is_empty() {
            return Err(wrong("it has no name"));
        }
        for kind in kinds.split(',') {
            let (kind, only) = match kind.split_once('[') {
                Some((kind, only)) => {
                    let only = only.strip_suffix(']');
                    (kind, Some(only.ok_or_else(|| wrong("a \"]\" is missing"))?))
                }
                None => (kind, None),
            };
            let on = match kind {
                "manifest" => &mut self.manifest,
                "manifest-descriptor" => &mut self.manifest_descriptor,
                "index" if only.is_none() => &mut self.index,
                "index" => return Err(wrong("an index is for no single platform")),
                "index-descriptor" => {
                    return Err(wrong("there is no index above an index in a registry"));
                }
                _ => return Err(wrong("unknown type before the colon")),
            };
            if only.is_none_or(|only| only == platform) {
                on.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_buildx() {
        let mut all = Annotations::default();
        for word in [
            "a=1=2",
            "manifest:b=2",
            "index:c=3",
            "index,manifest:d=4",
            "manifest[linux/amd64]:e=5",
            "manifest[linux/arm64]:f=6",
            "manifest-descriptor:g=",
        ] {
            all.add(word, "linux/amd64").expect(word);
        }
        let pairs = |map: &BTreeMap<String, String>| {
            let pairs = map.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(pairs(&all.manifest), "a=1=2 b=2 d=4 e=5");
        assert_eq!(pairs(&all.index), "c=3 d=4");
        assert_eq!(pairs(&all.manifest_descriptor), "g=");
        for word in [
            "a",
            "=1",
            "index:=1",
            "other:a=1",
            "index-descriptor:a=1",
            "index[linux/amd64]:a=1",
            "manifest[linux/amd64:a=1",
        ] {
            assert!(all.add(word, "linux/amd64").is_err(), "{word}");
        }
    }
}
