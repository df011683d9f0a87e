//! Three configurations into one: what the image left as its old base had it becomes what the new base has. Pure.

use std::collections::BTreeMap;

use boatyard_plan::image::{History, ImageConfig, RunConfig};

/// The configuration of the image on the new base; `layers` counts those of the old one.
pub(super) fn merged(
    image: &ImageConfig,
    old: &ImageConfig,
    new: &ImageConfig,
    layers: usize,
) -> ImageConfig {
    let mut rootfs = new.rootfs.clone();
    rootfs
        .diff_ids
        .extend_from_slice(&image.rootfs.diff_ids[layers..]);
    let mut history = new.history.clone();
    history.extend_from_slice(upper(&image.history, &old.history, layers));
    // A history that does not tell of every layer misleads: rather none.
    let told = history.iter().filter(|entry| !entry.empty_layer).count();
    if told != rootfs.diff_ids.len() {
        history.clear();
    }
    ImageConfig {
        // Both are RFC 3339 in UTC, so the later one is the larger one.
        created: image.created.clone().max(new.created.clone()),
        author: image.author.clone(),
        architecture: image.architecture.clone(),
        os: image.os.clone(),
        config: run(&image.config, &old.config, &new.config),
        rootfs,
        history,
    }
}

/// What the image's history has of its own.
fn upper<'h>(image: &'h [History], old: &[History], layers: usize) -> &'h [History] {
    if image.starts_with(old) {
        return &image[old.len()..];
    }
    let mut left = layers;
    let own = image.iter().position(|entry| {
        let below = left > 0;
        left -= usize::from(below && !entry.empty_layer);
        !below
    });
    &image[own.unwrap_or(image.len())..]
}

fn run(image: &RunConfig, old: &RunConfig, new: &RunConfig) -> RunConfig {
    RunConfig {
        user: kept(&image.user, &old.user, &new.user),
        exposed_ports: keys(&image.exposed_ports, &old.exposed_ports, &new.exposed_ports),
        env: environment(&image.env, &old.env, &new.env),
        entrypoint: kept(&image.entrypoint, &old.entrypoint, &new.entrypoint),
        cmd: kept(&image.cmd, &old.cmd, &new.cmd),
        volumes: keys(&image.volumes, &old.volumes, &new.volumes),
        working_dir: kept(&image.working_dir, &old.working_dir, &new.working_dir),
        labels: keys(&image.labels, &old.labels, &new.labels),
        stop_signal: kept(&image.stop_signal, &old.stop_signal, &new.stop_signal),
        healthcheck: kept(&image.healthcheck, &old.healthcheck, &new.healthcheck),
        // The old base's were carried out when the image was built, the new one's never are.
        on_build: image.on_build.clone(),
        shell: kept(&image.shell, &old.shell, &new.shell),
        args_escaped: kept(&image.args_escaped, &old.args_escaped, &new.args_escaped),
    }
}

fn kept<T: Clone + PartialEq>(image: &T, old: &T, new: &T) -> T {
    if image == old { new } else { image }.clone()
}

/// The same for each key; one that is missing in all that count stays out.
fn keys<V: Clone + PartialEq>(
    image: &BTreeMap<String, V>,
    old: &BTreeMap<String, V>,
    new: &BTreeMap<String, V>,
) -> BTreeMap<String, V> {
    let all = image.keys().chain(new.keys());
    all.filter_map(|key| {
        let value = kept(&image.get(key), &old.get(key), &new.get(key))?;
        Some((key.clone(), value.clone()))
    })
    .collect()
}

/// Variables: the new base's first, in its order, then the image's own.
fn environment(image: &[String], old: &[String], new: &[String]) -> Vec<String> {
    let mut order: Vec<&str> = Vec::new();
    for (name, _) in new
        .iter()
        .chain(image)
        .filter_map(|line| line.split_once('='))
    {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    let lines = order.into_iter().filter_map(|name| {
        let (own, before, after) = (value(image, name), value(old, name), value(new, name));
        let value = match (own, before, after) {
            (Some(own), Some(before), Some(after)) => Some(extended(name, own, before, after)),
            _ => kept(&own, &before, &after).map(str::to_owned),
        };
        Some(format!("{name}={}", value?))
    });
    lines.collect()
}

fn value<'e>(lines: &'e [String], name: &str) -> Option<&'e str> {
    let pairs = lines.iter().filter_map(|line| line.split_once('='));
    pairs
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .next_back()
}

/// A variable that all three have. A search path that the image put folders before or behind gets the new base's.
fn extended(name: &str, own: &str, before: &str, after: &str) -> String {
    if own == before {
        return after.to_owned();
    }
    if name.ends_with("PATH") && !before.is_empty() {
        if let Some(front) = own.strip_suffix(before).filter(|rest| rest.ends_with(':')) {
            return format!("{front}{after}");
        }
        if let Some(back) = own
            .strip_prefix(before)
            .filter(|rest| rest.starts_with(':'))
        {
            return format!("{after}{back}");
        }
    }
    own.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn variables_of_the_base_move_on_and_those_of_the_image_stay() {
        let cases = [
            // image, old base, new base, result
            ("V=1 A=x", "V=1", "V=2", "V=2 A=x"),
            ("V=9", "V=1", "V=2", "V=9"),
            ("V=1 A=x", "V=1", "", "A=x"),
            ("A=x", "", "N=1", "N=1 A=x"),
            (
                "PATH=/app:/bin",
                "PATH=/bin",
                "PATH=/usr/bin:/bin",
                "PATH=/app:/usr/bin:/bin",
            ),
            (
                "PATH=/bin:/app",
                "PATH=/bin",
                "PATH=/sbin",
                "PATH=/sbin:/app",
            ),
            ("PATH=/other", "PATH=/bin", "PATH=/sbin", "PATH=/other"),
            ("PATH=/x/bin", "PATH=/bin", "PATH=/sbin", "PATH=/x/bin"),
            ("A=a:1", "A=1", "A=2", "A=a:1"),
        ];
        for (image, old, new, expected) in cases {
            let found = environment(&lines(image), &lines(old), &lines(new));
            assert_eq!(found, lines(expected), "{image} on {old}, now {new}");
        }
    }

    #[test]
    fn labels_are_merged_one_by_one() {
        let map = |text: &str| -> BTreeMap<String, String> {
            let pairs = text
                .split_whitespace()
                .filter_map(|pair| pair.split_once('='));
            pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect()
        };
        let found = keys(&map("a=1 b=9 c=3"), &map("a=1 b=1"), &map("a=2 b=2 d=4"));
        assert_eq!(found, map("a=2 b=9 c=3 d=4"));
    }

    #[test]
    fn history_above_the_base_is_kept() {
        let entry = |name: &str, empty_layer| History {
            created_by: Some(name.to_owned()),
            empty_layer,
            ..History::default()
        };
        let base = [entry("base", false), entry("cmd", true)];
        let image = [base[0].clone(), base[1].clone(), entry("copy", false)];
        assert_eq!(upper(&image, &base, 1), &image[2..]);
        assert_eq!(upper(&image, &[entry("unlike", false)], 1), &image[1..]);
        assert_eq!(upper(&[], &base, 1), &[]);
    }
}
