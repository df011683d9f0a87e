//! `ports` and `expose`: the port of a role.

use super::reader::{Reader, shown};
use crate::yaml::Node;

/// One port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Port {
    /// In the container.
    target: u16,
    /// On the machine, if it says one.
    published: Option<u16>,
}

/// The port that the service `name` listens on. A role has one, and `boatyard up` opens it under its own number.
pub(super) fn port(reader: &mut Reader<'_>, name: &str, service: &Node) -> Option<u16> {
    let mut first: Option<u16> = None;
    for item in service.list("ports") {
        let Some(port) = read(reader, &item) else {
            continue;
        };
        if first.is_some_and(|first| first != port.target) {
            reader.left(
                &item,
                format!("port {} of {name}", port.target),
                "a role has one port: what listens on another one is a role of its own",
            );
            continue;
        }
        first = Some(port.target);
        if let Some(published) = port.published.filter(|published| *published != port.target) {
            reader.left(
                &item,
                format!("port {} of {name} is opened as {published}", port.target),
                format!("boatyard up opens it as {}", port.target),
            );
        }
    }
    for item in service.list("expose") {
        let word = reader.word(&item).unwrap_or_default();
        match plain(&word) {
            Some(port) if first.is_none_or(|first| first == port) => first = Some(port),
            _ => reader.left(
                &item,
                format!("expose {word} of {name}"),
                "the processes of a project reach every port of each other",
            ),
        }
    }
    first
}

/// `8000`, `80:8000`, `127.0.0.1:80:8000/tcp`, or a mapping.
fn read(reader: &mut Reader<'_>, item: &Node) -> Option<Port> {
    let unusual = |reader: &mut Reader<'_>| {
        reader.left(
            item,
            format!("ports: {}", shown(item)),
            "a role has one TCP port; ranges and UDP are not carried over",
        );
        None
    };
    if item.is_mapping() {
        let mut number = |key: &str| item.get(key).and_then(|node| reader.word(&node));
        let (target, published) = (number("target")?, number("published"));
        let protocol = number("protocol").unwrap_or_else(|| "tcp".to_owned());
        return match (plain(&target), protocol.as_str()) {
            (Some(target), "tcp") => Some(Port {
                target,
                published: published.and_then(|text| plain(&text)),
            }),
            _ => unusual(reader),
        };
    }
    let word = reader.word(item)?;
    let mut parts = word.rsplitn(3, ':');
    let target = parts.next().and_then(plain);
    let published = parts.next().filter(|text| !text.is_empty());
    match (target, published.map(plain)) {
        (Some(target), None) => Some(Port {
            target,
            published: None,
        }),
        (Some(target), Some(Some(published))) => Some(Port {
            target,
            published: Some(published),
        }),
        _ => unusual(reader),
    }
}

/// A single TCP port.
fn plain(text: &str) -> Option<u16> {
    let text = text.strip_suffix("/tcp").unwrap_or(text);
    text.parse().ok().filter(|port| *port > 0)
}
