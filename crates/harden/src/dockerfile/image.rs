//! What the name of an image says about what is in it.

use super::Dockerfile;

/// The name of an image in its parts, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// Registry and path.
    pub path: &'a str,
    /// Tag.
    pub tag: Option<&'a str>,
    /// Digest.
    pub digest: Option<&'a str>,
}

impl<'a> Name<'a> {
    /// Splits a name.
    pub fn of(text: &'a str) -> Self {
        let (rest, digest) = text
            .split_once('@')
            .map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        let slash = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (path, tag) = match rest[slash..].find(':') {
            Some(colon) => (&rest[..slash + colon], Some(&rest[slash + colon + 1..])),
            None => (rest, None),
        };
        Self { path, tag, digest }
    }

    /// The last part of the path.
    pub fn short(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Whether it is one of Docker's own images: no registry, no folder, or `library/`.
    pub fn is_official(&self) -> bool {
        let path = self.path.strip_prefix("docker.io/").unwrap_or(self.path);
        let path = path.strip_prefix("library/").unwrap_or(path);
        !path.contains('/')
    }
}

/// What tools an image has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `apt-get`, `useradd`, bash.
    Debian,
    /// `apk`, `adduser`, busybox.
    Alpine,
    /// `dnf`, `useradd`, bash.
    RedHat,
    /// No shell at all.
    Bare,
}

/// What the image `name` is made of, if its name says so.
pub fn family(name: &str) -> Option<Family> {
    let name = Name::of(name);
    let tag = name.tag.unwrap_or("");
    if name.path == "scratch" || name.path.contains("distroless") {
        return Some(Family::Bare);
    }
    if name.short() == "alpine" || tag.contains("alpine") {
        return Some(Family::Alpine);
    }
    let debian = ["debian", "ubuntu", "buildpack-deps"];
    // Official images of languages and servers are Debian unless their tags say otherwise.
    let official = [
        "python", "node", "ruby", "golang", "openjdk", "php", "perl", "rust", "nginx", "httpd",
        "postgres", "redis", "gcc",
    ];
    let suites = [
        "bookworm", "bullseye", "trixie", "buster", "jammy", "noble", "focal",
    ];
    if debian.contains(&name.short())
        || (name.is_official()
            && official.contains(&name.short())
            && !tag.contains("windows")
            && !tag.contains("nanoserver"))
        || suites.iter().any(|suite| tag.contains(suite))
    {
        return Some(Family::Debian);
    }
    let red = [
        "fedora",
        "centos",
        "almalinux",
        "rockylinux",
        "ubi8",
        "ubi9",
        "oraclelinux",
        "amazonlinux",
    ];
    red.contains(&name.short()).then_some(Family::RedHat)
}

impl Dockerfile {
    /// The name of the image that the stage `index` starts from in the end, as it is written.
    pub fn base(&self, index: usize) -> Option<&str> {
        let mut index = index;
        while let Some(parent) = self.parent(index) {
            index = parent;
        }
        Some(self.file.stages.get(index)?.image.text.as_str())
    }

    /// What the stage `index` is made of: by its name, or by the tools that it uses.
    pub fn family(&self, index: usize) -> Option<Family> {
        let base = self.base(index)?;
        family(&self.resolved(base)).or_else(|| {
            let uses = |program: &str| {
                self.file.stages[index]
                    .instructions
                    .iter()
                    .any(|instruction| {
                        instruction
                            .line
                            .split(|c: char| !(c.is_alphanumeric() || c == '-'))
                            .any(|word| word == program)
                    })
            };
            [
                ("apt-get", Family::Debian),
                ("apk", Family::Alpine),
                ("dnf", Family::RedHat),
                ("yum", Family::RedHat),
            ]
            .into_iter()
            .find(|(program, _)| uses(program))
            .map(|(_, family)| family)
        })
    }

    /// `word` with the arguments that stand before the first `FROM` put in.
    pub fn resolved(&self, word: &str) -> String {
        let mut said = word.to_owned();
        for instruction in &self.file.arguments {
            if let boatyard_plan::dockerfile::Kind::Arg(pairs) = &instruction.kind {
                for pair in pairs {
                    if let Some(value) = &pair.value {
                        let value = value.text.trim_matches(['"', '\'']);
                        said = said.replace(&format!("${{{}}}", pair.name.text), value);
                        said = said.replace(&format!("${}", pair.name.text), value);
                    }
                }
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Name, family};

    #[test]
    fn names() {
        let name = Name::of("localhost:5000/team/app:1@sha256:0");
        assert_eq!(
            (name.path, name.tag, name.digest),
            ("localhost:5000/team/app", Some("1"), Some("sha256:0"))
        );
        for (name, expected) in [
            ("python:3.12-slim", Some(Family::Debian)),
            ("python:3.12-alpine3.20", Some(Family::Alpine)),
            ("docker.io/library/debian", Some(Family::Debian)),
            ("gcr.io/distroless/python3", Some(Family::Bare)),
            ("registry.example.com/team/python", None),
            ("fedora:41", Some(Family::RedHat)),
            ("example.com/base:bookworm", Some(Family::Debian)),
        ] {
            assert_eq!(family(name), expected, "{name}");
        }
    }
}
