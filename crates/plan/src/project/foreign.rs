//! Where a project file leads that is built for somebody whom nobody trusts: only to sources that the operator allows.

use crate::diagnostic::Diagnostic;
use crate::document::{self, Findings, Section};
use crate::reference::Reference;
use crate::sources::{Sources, whereabouts};

/// Docker's registry, which is meant where none is named.
pub const DOCKER: &str = "docker.io";

/// The host and port of the registry that an image comes from.
pub fn registry(reference: &Reference) -> (String, u16) {
    let named = reference.registry.as_deref().unwrap_or(DOCKER);
    let named = if named == "index.docker.io" {
        DOCKER
    } else {
        named
    };
    match named.rsplit_once(':') {
        Some((host, port)) => (
            host.trim_matches(['[', ']']).to_owned(),
            port.parse().unwrap_or_default(),
        ),
        None => (named.to_owned(), 443),
    }
}

/// All that `text`, a project file, names of the world and that is neither among the `sources` of packages nor the `registries`
/// of images. What is wrong with the file otherwise is not told here.
pub fn foreign(text: &str, sources: &Sources, registries: &Sources) -> Vec<Diagnostic> {
    let Ok(table) = document::table(text) else {
        return Vec::new();
    };
    let mut unheard = Findings::default();
    let mut findings = Findings::of(&table);
    let top = Section::new("", &table);
    let Some(image) = top.section("image", &mut unheard) else {
        return Vec::new();
    };
    let mut urls = Vec::new();
    if let Some(base) = image.section("base", &mut unheard) {
        let mirror = base.string("mirror", &mut unheard);
        urls.extend(mirror.map(|url| (base.path("mirror"), url)));
    } else if let Some(base) = image.string("base", &mut unheard)
        && let Ok(reference) = base.parse::<Reference>()
    {
        let (host, port) = registry(&reference);
        if !registries.allow(&host, port) {
            let name = reference.registry.as_deref().unwrap_or(DOCKER);
            findings
                .value(&image.path("base"), message(name, "registries"))
                .with_label("this build is confined, and may not take images from there")
                .with_help(help("registries", "registry", &[name]));
        }
    }
    for table in image.tables("repository", &mut unheard) {
        let url = table.string("url", &mut unheard);
        urls.extend(url.map(|url| (table.path("url"), url)));
    }
    for (path, url) in urls {
        let place = whereabouts(&url);
        if let Some(place) = &place
            && sources.allow(&place.host, place.port)
        {
            continue;
        }
        let host = place.map_or(url, |place| place.to_string());
        findings
            .value(&path, message(&host, "sources"))
            .with_label("this build is confined, and may not fetch packages from there")
            .with_help(help("sources", "source", &[&host]));
    }
    findings.finish().1
}

fn message(host: &str, list: &str) -> String {
    format!("{host} is not among the {list} of this build")
}

/// What to do about hosts that are missing on a list of the server's file, and of the flag.
pub fn help(list: &str, flag: &str, hosts: &[&str]) -> String {
    let items = hosts.join("\", \"");
    let flags = hosts.join(&format!(" --{flag} "));
    format!(
        "whoever runs the server can allow it for the repository in its file: {list} = [\"{items}\"]; on the command line: --{flag} {flags}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let list = |words: &[&str]| -> Sources {
            words.iter().map(|word| word.parse().unwrap()).collect()
        };
        let sources = list(&["deb.debian.org", "apt.example.org"]);
        let registries = list(&["docker.io", "registry.example.org:5000"]);
        let found = foreign(text, &sources, &registries);
        let line = |mistake: &Diagnostic| {
            let (line, column) = mistake.position(text);
            format!("{line}:{column}: {}", mistake.message)
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn what_leads_elsewhere_is_told_at_its_place() {
        for fine in [
            "",
            "[image]\nbase = \"python:3.13\"\n",
            "[image]\nbase = \"debian:bookworm\"\n",
            "[image]\nbase = \"docker.io/library/python:3.13\"\n",
            "[image]\nbase = \"registry.example.org:5000/a/b\"\n",
            "[image]\nbase = { debian = \"trixie\", mirror = \"http://deb.debian.org/debian\" }\n",
            "[[image.repository]]\nurl = \"https://apt.example.org/x\"\n",
            "no toml",
        ] {
            assert_eq!(told(fine), Vec::<String>::new(), "{fine}");
        }
        for (text, expected) in [
            (
                "[image]\nbase = \"10.0.0.5:5000/a\"\n",
                "2:8: 10.0.0.5:5000 is not among the registries of this build",
            ),
            (
                "[image]\nbase = \"registry.example.org/a/b\"\n",
                "2:8: registry.example.org is not among the registries of this build",
            ),
            (
                "[image]\nbase = { debian = \"trixie\", mirror = \"http://10.0.0.5/debian\" }\n",
                "2:38: 10.0.0.5 is not among the sources of this build",
            ),
            (
                "[[image.repository]]\nurl = \"http://deb.debian.org@evil.example/x\"\n",
                "2:7: evil.example is not among the sources of this build",
            ),
            (
                "[[image.repository]]\nurl = \"http://apt.example.org:8080/x\"\n",
                "2:7: apt.example.org:8080 is not among the sources of this build",
            ),
        ] {
            assert_eq!(told(text), [expected], "{text}");
        }
    }
}
