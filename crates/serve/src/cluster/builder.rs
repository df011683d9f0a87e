//! The words that have images built in a pod. Pure.

use boatyard_preview::config::Builder;

/// The words of a deploy that has its images built there.
pub(super) fn words(builder: &Builder) -> Vec<String> {
    let mut words = vec![format!("--builder={}", builder.namespace)];
    let mut also = |name: &str, value: &str| words.push(format!("--builder-{name}={value}"));
    also("cpu", &builder.cpu);
    also("memory", &builder.memory);
    if let Some(image) = &builder.image {
        also("image", image);
    }
    if let Some(storage) = &builder.storage {
        also("storage", storage);
    }
    if builder.mounts {
        words.push("--builder-mounts".to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_left_to_the_command() {
        let mut builder = Builder {
            namespace: "builders".to_owned(),
            image: None,
            mounts: false,
            storage: None,
            cpu: "1".to_owned(),
            memory: "4Gi".to_owned(),
        };
        let least = [
            "--builder=builders",
            "--builder-cpu=1",
            "--builder-memory=4Gi",
        ];
        assert_eq!(words(&builder), least);
        builder.image = Some("boatyard:1".to_owned());
        builder.storage = Some("20Gi".to_owned());
        builder.mounts = true;
        let more = [
            "--builder-image=boatyard:1",
            "--builder-storage=20Gi",
            "--builder-mounts",
        ];
        assert_eq!(words(&builder), [&least[..], &more].concat());
    }
}
