//! `linux/arm64/v8`: platforms as they are written.
//!
//! Source: containerd's `platforms`, whose spellings and shorthands Docker takes.

use crate::image::Platform;

/// Architectures that may stand alone.
const ARCHITECTURES: [&str; 14] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];

/// Systems that may stand alone.
const SYSTEMS: [&str; 6] = ["linux", "windows", "darwin", "freebsd", "netbsd", "openbsd"];

/// Reads `os/architecture[/variant]`, `os` or `architecture`; what is missing is `machine`'s. Other names for an architecture,
/// and variants that are no others, become the usual ones. `None` if it is none of these.
pub fn parse(text: &str, machine: &Platform) -> Option<Platform> {
    let text = text.to_lowercase();
    let parts: Vec<&str> = text.split('/').collect();
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
    };
    if !parts.iter().all(|part| word(part)) {
        return None;
    }
    let (os, architecture, variant) = match parts[..] {
        ["local"] => return Some(machine.clone()),
        [os] if SYSTEMS.contains(&os) => (
            os,
            machine.architecture.as_str(),
            machine.variant.as_deref().unwrap_or(""),
        ),
        [one] => {
            let (architecture, _) = usual(one, "");
            if !ARCHITECTURES.contains(&architecture) {
                return None;
            }
            (machine.os.as_str(), one, "")
        }
        [os, architecture] => (os, architecture, ""),
        [os, architecture, variant] => (os, architecture, variant),
        _ => return None,
    };
    let (architecture, variant) = usual(architecture, variant);
    Some(Platform {
        os: if os == "macos" { "darwin" } else { os }.to_owned(),
        architecture: architecture.to_owned(),
        variant: (!variant.is_empty()).then(|| variant.to_owned()),
    })
}

/// `os/architecture[/variant]`.
pub fn format(platform: &Platform) -> String {
    let mut text = format!("{}/{}", platform.os, platform.architecture);
    if let Some(variant) = &platform.variant {
        text.push('/');
        text.push_str(variant);
    }
    text
}

/// The usual names.
fn usual<'a>(architecture: &'a str, variant: &'a str) -> (&'a str, &'a str) {
    match (architecture, variant) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "" | "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "" | "8" | "v8") => ("arm64", ""),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    }
}
