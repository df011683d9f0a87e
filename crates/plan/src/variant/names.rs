//! What variants are called.

use super::Variant;
use crate::reference::Reference;

/// The names of a variant of the image that is called `name`: by variant and tag, by variant and revision, and the name
/// itself for the docker form, which is what `docker run` means.
///
/// ```text
/// x/app:latest, docker, 1a2b3c4  ->  x/app:docker-latest  x/app:docker-1a2b3c4  x/app:latest
/// x/app:latest, k8s, 1a2b3c4     ->  x/app:k8s-latest     x/app:k8s-1a2b3c4
/// ```
pub fn names(name: &Reference, variant: Variant, revision: Option<&str>) -> Vec<Reference> {
    let tag = name.tag.as_deref().unwrap_or("latest");
    let tagged = |tag: String| Reference {
        tag: Some(tag),
        digest: None,
        ..name.clone()
    };
    let mut names = vec![tagged(format!("{}-{tag}", variant.name()))];
    if let Some(revision) = revision.filter(|revision| *revision != tag) {
        names.push(tagged(format!("{}-{revision}", variant.name())));
    }
    if variant == Variant::Docker {
        names.push(tagged(tag.to_owned()));
    }
    names
}

/// The name that the variants of an image are named after, if `name` is a variant's: `x/app:k8s-1` is `x/app:1`.
pub fn stem(name: &Reference) -> Reference {
    let tag = name.tag.as_deref().unwrap_or("latest");
    let stem = tag
        .split_once('-')
        .filter(|(variant, _)| Variant::named(variant).is_some());
    Reference {
        tag: Some(stem.map_or(tag, |(_, stem)| stem).to_owned()),
        digest: None,
        ..name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        for (name, expected) in [
            ("x/app:k8s-1", "x/app:1"),
            ("x/app:docker-1-2", "x/app:1-2"),
            ("x/app:other-1", "x/app:other-1"),
            ("x/app", "x/app:latest"),
        ] {
            assert_eq!(
                stem(&name.parse().expect("a reference")).to_string(),
                expected
            );
        }
    }

    #[test]
    fn tags() {
        for (name, variant, revision, expected) in [
            (
                "x/app:latest",
                Variant::Docker,
                Some("1a2b3c4"),
                "x/app:docker-latest x/app:docker-1a2b3c4 x/app:latest",
            ),
            (
                "h.example:5000/x/app:1.2",
                Variant::K8s,
                Some("1a2b3c4-dirty"),
                "h.example:5000/x/app:k8s-1.2 h.example:5000/x/app:k8s-1a2b3c4-dirty",
            ),
            ("x/app:1", Variant::K8s, None, "x/app:k8s-1"),
            (
                "x/app:1",
                Variant::Docker,
                Some("1"),
                "x/app:docker-1 x/app:1",
            ),
        ] {
            let name = name.parse().expect("a reference");
            let names = names(&name, variant, revision);
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            assert_eq!(names.join(" "), expected);
        }
    }
}
