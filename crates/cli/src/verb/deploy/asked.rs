//! Whether a builder has built what it was asked for. Its word decides which logins it is handed, so that one which somebody has
//! taken over could ask for all that we have. Pure.

use boatyard_plan::failure::{Failure, Fault};
use boatyard_plan::image::Descriptor;
use boatyard_plan::reference::Reference;

use crate::stopped::Stopped;
use crate::verb::build::no_registry;

/// A builder names what nobody has asked it for.
#[derive(Debug, thiserror::Error)]
#[error("the builder says that it has built {name}, expected a name that begins with {below}")]
struct Unasked {
    name: String,
    below: String,
}

impl Failure for Unasked {
    fn fault(&self) -> Fault {
        Fault::Work
    }

    fn help(&self) -> Option<String> {
        Some(
            "nothing was pushed, and it was sent no login for that: somebody may have taken it over, so remove its pod"
                .to_owned(),
        )
    }
}

/// The names of what was built, all of which are below `prefix`, and in a registry.
pub fn names<'a>(
    built: &'a [(Reference, Descriptor)],
    prefix: &str,
) -> Result<Vec<&'a Reference>, Stopped> {
    let below = format!("{prefix}/");
    let mut names = Vec::new();
    for (name, _) in built {
        let text = name.to_string();
        if !text.starts_with(&below) {
            return Err(Unasked { name: text, below }.into());
        }
        // It would be taken for one of Docker's.
        if name.registry.is_none() {
            return Err(no_registry(name));
        }
        names.push(name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::verb::render::named;

    /// What a builder says that has built one image, called so.
    fn said(name: &str) -> Value {
        let digest = format!("sha256:{}", "a".repeat(64));
        let manifest = json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 1});
        json!({"app-k8s": {
            "containerimage.descriptor": manifest, "containerimage.digest": digest, "image.name": name,
        }})
    }

    fn answer(name: &str, prefix: &str) -> Result<Vec<String>, String> {
        let images = named(&said(name));
        match names(&images, prefix) {
            Ok(names) => Ok(names.into_iter().map(ToString::to_string).collect()),
            Err(Stopped::Failed(failure)) => Err(failure.to_string()),
            Err(other) => panic!("another error: {other:?}"),
        }
    }

    #[test]
    fn what_was_asked_for_is_pushed() {
        let both =
            "r.example:5000/strangers/shop/app:k8s-1,r.example:5000/strangers/shop/db:trixie";
        assert_eq!(
            answer(both, "r.example:5000/strangers/shop").unwrap(),
            both.split(',').collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_builder_gets_no_login_that_it_asks_for_itself() {
        let prefix = "r.example/strangers/shop";
        let own = format!("{prefix}/app:k8s-1");
        for name in [
            "other.example/app:k8s-1",
            "docker.io/library/debian:trixie",
            "strangers/shop/app:k8s-1",
            "r.example:5000/strangers/shop/app:k8s-1",
            "r.example/shop/app:k8s-1",
            "r.example/strangers/shopping/app:k8s-1",
            "r.example/strangers/shop:k8s-1",
            "r.example.other.example/strangers/shop/app:k8s-1",
        ] {
            // Also behind one that is as it should be.
            for said in [name.to_owned(), format!("{own},{name}")] {
                let why = answer(&said, prefix).unwrap_err();
                let expected = format!(
                    "the builder says that it has built {name}, expected a name that begins with {prefix}/"
                );
                assert_eq!(why, expected, "{said}");
            }
        }
        // Without a registry it would be the login for Docker's.
        let why = answer("shop/app:k8s-1", "shop").unwrap_err();
        assert!(why.contains("shop/app:k8s-1 names none"), "{why}");
    }
}
