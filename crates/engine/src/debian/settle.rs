//! What matters of what the scripts of packages would have done, done from outside.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::alternatives;
use super::configure::{ConfigureError, put};
use super::deb::Control;
use super::unpack::Unpacked;

/// Packages whose scripts do what is done here, or nothing that an image needs; a name that ends with `*` is a beginning.
const HANDLED: [&str; 12] = [
    "base-files",
    "base-passwd",
    "ca-certificates",
    "libc-bin",
    "libc6",
    // Upgrades only.
    "libgssapi-krb5-2",
    "libpython3*",
    "libssl3*",
    "netbase",
    "python3*",
    // How keys behave in an interactive shell.
    "readline-common",
    "tzdata",
];

/// Parts of scripts that debhelper wrote, and that matter to a running system only, or are done here.
const HARMLESS: [&str; 5] = [
    "dh_python3",
    "dh_makeshlibs",
    "dh_installinit",
    "dh_installsystemd",
    "dh_installdebconf",
];

/// Where applications look for the certificate authorities.
const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

/// Sets up a root that was empty before packages were unpacked into it.
pub(super) fn settle(root: &Path) -> Result<(), ConfigureError> {
    accounts(root)?;
    name_service(root)?;
    link(root, "var/run", "/run")?;
    link(root, "var/lock", "/run/lock")?;
    link(root, "etc/localtime", "/usr/share/zoneinfo/Etc/UTC")?;
    put(&root.join("etc/timezone"), "Etc/UTC\n", 0o644)?;
    authorities(root)
}

/// Removes the programs of a package.
pub(super) fn without_programs(root: &Path, package: &Unpacked) -> Result<(), ConfigureError> {
    let places = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"];
    let paths = package.paths.iter();
    for path in paths.filter(|path| places.iter().any(|place| path.starts_with(place))) {
        let path = root.join(&path[1..]);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(ConfigureError::Write { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a package's `postinst` may do something that the image lacks.
pub(super) fn may_be_missed(control: &Control) -> bool {
    let is_handled = HANDLED.iter().any(|name| match name.strip_suffix('*') {
        Some(beginning) => control.name.starts_with(beginning),
        None => control.name == *name,
    });
    let script = control.file("postinst");
    !is_handled && script.is_some_and(|file| acts(&String::from_utf8_lossy(&file.bytes)))
}

/// Whether a script has a command outside what is harmless.
fn acts(script: &str) -> bool {
    let mut inside = false;
    let joined = script.replace("\\\n", " ");
    joined.lines().map(str::trim).any(|line| {
        if let Some(by) = line.strip_prefix("# Automatically added by ") {
            inside = HARMLESS.iter().any(|name| by.starts_with(name));
            return false;
        }
        if line.starts_with("# End automatically added section") {
            inside = false;
            return false;
        }
        let word = line.split([' ', ';']).next().unwrap_or_default();
        let grammar = [
            "", "case", "esac", "if", "then", "else", "fi", "set", "exit", "echo", "true", ":",
        ];
        let is_done = alternatives::is_call(line);
        !(inside
            || is_done
            || line.starts_with('#')
            || word.ends_with(')')
            || grammar.contains(&word))
    })
}

/// `passwd` and `group` as base-passwd has them, without shells that are not there.
fn accounts(root: &Path) -> Result<(), ConfigureError> {
    for name in ["passwd", "group"] {
        let master = root.join(format!("usr/share/base-passwd/{name}.master"));
        let text = read(&master)?;
        let text = text
            .replace(":*:", ":x:")
            .replace(":/bin/bash\n", ":/usr/sbin/nologin\n");
        put(&root.join("etc").join(name), &text, 0o644)?;
    }
    Ok(())
}

/// Where names are looked for: without the file the C library asks DNS before `/etc/hosts`.
fn name_service(root: &Path) -> Result<(), ConfigureError> {
    let to = root.join("etc/nsswitch.conf");
    if to.exists() {
        return Ok(());
    }
    let places = [
        "usr/share/libc-bin/nsswitch.conf",
        "usr/share/base-files/nsswitch.conf",
    ];
    match places
        .iter()
        .map(|place| root.join(place))
        .find(|path| path.is_file())
    {
        Some(from) => put(&to, &read(&from)?, 0o644),
        None => Ok(()),
    }
}

/// What update-ca-certificates(8) makes, and a name for it where OpenSSL looks by itself.
fn authorities(root: &Path) -> Result<(), ConfigureError> {
    let top = root.join("usr/share/ca-certificates");
    let mut files = Vec::new();
    certificates(&top, &mut files)?;
    files.sort();
    let mut bundle = String::new();
    for file in files {
        let text = read(&file)?;
        bundle.push_str(&text);
        if !text.ends_with('\n') {
            bundle.push('\n');
        }
    }
    put(&root.join(BUNDLE), &bundle, 0o644)?;
    link(root, "usr/lib/ssl/cert.pem", &format!("/{BUNDLE}"))
}

fn certificates(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), ConfigureError> {
    let unread = |source| ConfigureError::Read {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.is_dir() {
            certificates(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "crt") {
            found.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, ConfigureError> {
    fs::read_to_string(path).map_err(|source| ConfigureError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Makes a link where there is nothing yet.
fn link(root: &Path, at: &str, to: &str) -> Result<(), ConfigureError> {
    let path = root.join(at);
    let made = match path.parent() {
        Some(folder) => fs::create_dir_all(folder).and_then(|()| symlink(to, &path)),
        None => symlink(to, &path),
    };
    match made {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(ConfigureError::Write { path, source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::acts;

    #[test]
    fn scripts_that_may_be_missed() {
        for (script, expected) in [
            ("#!/bin/sh\nset -e\nexit 0\n", false),
            (
                "#!/bin/sh\nset -e\n# Automatically added by dh_python3\npy3compile -p a\n# End automatically added section\n",
                false,
            ),
            (
                "#!/bin/sh\n# Automatically added by dh_installalternatives\nupdate-alternatives --install a\n# End automatically added section\n",
                true,
            ),
            (
                "#!/bin/sh\n# Automatically added by dh_installalternatives\nif [ \"$1\" = \"configure\" ]; then\n\tupdate-alternatives --install /a b /c 5 \\\n\t\t--slave /d e /f\nfi\n",
                false,
            ),
            (
                "#!/bin/sh\ncase \"$1\" in\nconfigure)\n\tadduser --system x\n;;\nesac\n",
                true,
            ),
        ] {
            assert_eq!(acts(script), expected, "{script}");
        }
    }
}
