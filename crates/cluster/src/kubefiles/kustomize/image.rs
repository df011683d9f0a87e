//! Images under other names.

use serde_json::Value;

use super::file::Image;

/// Changes the image in all containers of `value` that have it.
pub fn change(value: &mut Value, image: &Image) {
    match value {
        Value::Object(map) => {
            for (key, inside) in map {
                if matches!(key.as_str(), "containers" | "initContainers") {
                    let containers = inside.as_array_mut().into_iter().flatten();
                    for container in containers {
                        if let Some(Value::String(name)) = container.get_mut("image")
                            && let Some(new) = changed(name, image)
                        {
                            *name = new;
                        }
                    }
                }
                change(inside, image);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| change(one, image)),
        _ => {}
    }
}

/// The new name of `name`, if that is the image.
fn changed(name: &str, image: &Image) -> Option<String> {
    let (rest, digest) = match name.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (name, None),
    };
    // A colon before a slash is that of a port.
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    };
    if path != image.name {
        return None;
    }
    let path = image.new_name.as_deref().unwrap_or(path);
    let end = match (&image.new_tag, &image.digest) {
        (_, Some(digest)) => format!("@{digest}"),
        (Some(tag), None) => format!(":{tag}"),
        (None, None) => match (tag, digest) {
            (tag, Some(digest)) => {
                let tag = tag.map_or_else(String::new, |tag| format!(":{tag}"));
                format!("{tag}@{digest}")
            }
            (Some(tag), None) => format!(":{tag}"),
            (None, None) => String::new(),
        },
    };
    Some(format!("{path}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let to = |new_name: Option<&str>, new_tag: Option<&str>, digest: Option<&str>| Image {
            name: "h:5000/app".to_owned(),
            new_name: new_name.map(str::to_owned),
            new_tag: new_tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        for (image, name, expected) in [
            (to(Some("b"), Some("2"), None), "h:5000/app", Some("b:2")),
            (
                to(None, Some("2"), None),
                "h:5000/app:1",
                Some("h:5000/app:2"),
            ),
            (to(Some("b"), None, None), "h:5000/app:1", Some("b:1")),
            (
                to(None, Some("2"), Some("sha256:a")),
                "h:5000/app:1",
                Some("h:5000/app@sha256:a"),
            ),
            (to(Some("b"), None, None), "h:5000/app-x:1", None),
            (to(Some("b"), None, None), "app", None),
        ] {
            assert_eq!(changed(name, &image).as_deref(), expected, "{name}");
        }
    }
}
