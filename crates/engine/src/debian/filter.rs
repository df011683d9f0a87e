//! Which files of a package are left out of a slim root (`path-exclude` and `path-include` of dpkg.cfg(5)).

use std::fmt::Write as _;

/// Patterns in the order of the file; the last one that matches counts. These are the ones of the `debian:*-slim` images.
const SLIM: &[(bool, &str)] = &[
    (false, "/usr/share/doc/*"),
    (false, "/usr/share/groff/*"),
    (false, "/usr/share/info/*"),
    (false, "/usr/share/linda/*"),
    (false, "/usr/share/lintian/overrides/*"),
    (false, "/usr/share/locale/*"),
    (false, "/usr/share/man/*"),
    (true, "/usr/share/doc/*/copyright"),
    (true, "/usr/share/doc/kde/HTML/C/*"),
    (true, "/usr/share/gnome/help/*/C/*"),
    (true, "/usr/share/locale/all_languages"),
    (true, "/usr/share/locale/currency/*"),
    (true, "/usr/share/locale/l10n/*"),
    (true, "/usr/share/locale/languages"),
    (true, "/usr/share/locale/locale.alias"),
    (true, "/usr/share/omf/*/*-C.emf"),
];

/// What a shell, an init system, cron and package managers read.
const DISTROLESS: &[&str] = &[
    "/etc/cron.*",
    "/etc/default/*",
    "/etc/dpkg/*",
    "/etc/init.d/*",
    "/etc/logrotate.d/*",
    "/etc/profile.d/*",
    "/etc/update-motd.d/*",
    "/lib/systemd/*",
    "/usr/lib/systemd/*",
    "/usr/share/bash-completion/*",
    "/usr/share/bug/*",
    "/usr/share/debconf/*",
    "/usr/share/lintian/*",
    "/usr/share/menu/*",
];

/// Where dpkg looks for the patterns; the same name as in the `debian:*-slim` images.
pub const SLIM_CONFIGURATION: &str = "etc/dpkg/dpkg.cfg.d/docker";

/// Patterns of paths to leave out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    patterns: Vec<(bool, String)>,
}

impl Filter {
    /// Leaves out documentation (but for the copyright), manual pages and translations.
    pub fn slim() -> Self {
        Self {
            patterns: SLIM
                .iter()
                .map(|(include, pattern)| (*include, (*pattern).to_owned()))
                .collect(),
        }
    }

    /// Leaves out what nothing in an image without a shell can use, too.
    pub fn distroless() -> Self {
        let mut filter = Self::slim();
        let more = DISTROLESS.iter();
        filter
            .patterns
            .extend(more.map(|pattern| (false, (*pattern).to_owned())));
        filter
    }

    /// Reads the patterns of a dpkg configuration file, and adds them.
    pub fn read(&mut self, text: &str) {
        for line in text.lines() {
            let Some((word, value)) = line.trim().split_once([' ', '\t', '=']) else {
                continue;
            };
            let value = value.trim().trim_matches('"').to_owned();
            match word {
                "path-include" => self.patterns.push((true, value)),
                "path-exclude" => self.patterns.push((false, value)),
                _ => {}
            }
        }
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The configuration file that makes dpkg leave out the same.
    pub fn configuration(&self) -> String {
        let mut text =
            "# Documentation and translations that containers do not need are left out.\n"
                .to_owned();
        for (include, pattern) in &self.patterns {
            let word = if *include {
                "path-include"
            } else {
                "path-exclude"
            };
            let _ = writeln!(text, "{word} {pattern}");
        }
        text
    }

    /// Whether a path (with a slash in front) is left out. Folders and links that something kept may be below are kept.
    pub fn leaves_out(&self, path: &str, may_contain: bool) -> bool {
        let matching = self
            .patterns
            .iter()
            .rev()
            .find(|(_, pattern)| matches(pattern.as_bytes(), path.as_bytes()));
        if matching.is_none_or(|(include, _)| *include) {
            return false;
        }
        let leads_to_kept =
            self.patterns
                .iter()
                .filter(|(include, _)| *include)
                .any(|(_, pattern)| {
                    let fixed =
                        &pattern[..pattern.find(['*', '?', '[', '\\']).unwrap_or(pattern.len())];
                    path.starts_with(fixed.trim_end_matches('/'))
                });
        !(may_contain && leads_to_kept)
    }
}

/// Shell patterns in which `*` also matches slashes, as dpkg uses them; brackets are not supported.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        Some((b'?', rest)) => !text.is_empty() && matches(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slim_leaves_out_what_the_slim_images_do() {
        let slim = Filter::slim();
        for (path, folder, expected) in [
            ("/usr/share/doc/bash/README.gz", false, true),
            ("/usr/share/doc/bash/copyright", false, false),
            ("/usr/share/doc/bash", true, false),
            ("/usr/share/doc", true, false),
            ("/usr/share/man/man1/ls.1.gz", false, true),
            ("/usr/share/man/man1", true, true),
            ("/usr/share/man", true, false),
            ("/usr/share/locale/de", true, true),
            ("/usr/share/locale/locale.alias", false, false),
            ("/usr/bin/ls", false, false),
        ] {
            assert_eq!(slim.leaves_out(path, folder), expected, "{path}");
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let mut read = Filter::default();
        read.read(&Filter::slim().configuration());
        assert_eq!(read, Filter::slim());
    }
}
