//! What files of a layer should not be there.

use super::secret;

/// A file of a layer.
#[derive(Clone, Copy, Debug)]
pub struct File<'f> {
    /// Absolute in the image.
    pub path: &'f str,
    /// Permissions, with set-user-id and the like.
    pub mode: u32,
    /// Its size, bytes.
    pub size: u64,
    /// What it says; empty if nobody wanted to know ([`wants`]).
    pub bytes: &'f [u8],
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file, or the folder of a cache. Absolute in the image.
    pub path: String,
    /// What it is.
    pub what: What,
    /// Bytes.
    pub size: u64,
    /// How many files it has.
    pub count: usize,
}

/// What should not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A secret, and what tells.
    Secret(&'static str),
    /// Programs that run as their owner or group, whoever starts them.
    Owner(Vec<String>),
    /// Downloads and lists of a package manager of the system.
    SystemCache,
    /// Downloads of an installer of a language.
    Cache,
}

/// Files longer than this are not read: secrets are short.
const LONGEST: u64 = 1 << 20;

/// Folders of caches: what their path has in it, and whose they are.
const CACHES: [(&str, What); 11] = [
    ("/var/lib/apt/lists/", What::SystemCache),
    ("/var/cache/apt/", What::SystemCache),
    ("/var/cache/apk/", What::SystemCache),
    ("/var/cache/dnf/", What::SystemCache),
    ("/var/cache/yum/", What::SystemCache),
    ("/.cache/pip/", What::Cache),
    ("/.cache/uv/", What::Cache),
    ("/.cache/pypoetry/", What::Cache),
    ("/.cache/go-build/", What::Cache),
    ("/.npm/_cacache/", What::Cache),
    ("/.cargo/registry/", What::Cache),
];

/// Names of files without which nothing is lost: locks and marks.
const HARMLESS: [&str; 3] = ["lock", ".lock", "CACHEDIR.TAG"];

/// Folders with keys that everybody knows: those of tests and of manuals.
const PUBLIC: [&str; 6] = ["test", "tests", "testing", "testdata", "examples", "doc"];

/// Whether the bytes of a file of this path and size have to be looked at.
pub fn wants(path: &str, size: u64) -> bool {
    let is_public = path.split('/').any(|part| PUBLIC.contains(&part));
    size > 0 && size <= LONGEST && !is_public
}

/// What is wrong with a file, if anything is.
pub fn look(file: &File<'_>) -> Option<Found> {
    let found = |path: &str, what: What| Found {
        path: path.to_owned(),
        what,
        size: file.size,
        count: 1,
    };
    let name = file.path.rsplit('/').next().unwrap_or(file.path);
    if file.size > 0 && !HARMLESS.contains(&name) {
        for (folder, what) in &CACHES {
            if let Some(at) = file.path.find(folder) {
                let path = &file.path[..at + folder.len() - 1];
                return Some(found(path, what.clone()));
            }
        }
    }
    if wants(file.path, file.size)
        && let Some(why) = secret::of(name, file.bytes)
    {
        return Some(found(file.path, What::Secret(why)));
    }
    // Without the right to execute, the group bit means locks.
    let is_owners = file.mode & 0o4000 != 0 || (file.mode & 0o2000 != 0 && file.mode & 0o010 != 0);
    is_owners.then(|| found(file.path, What::Owner(Vec::new())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found() {
        let key =
            b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n";
        let code = b"BEGIN = b\"-----BEGIN PRIVATE KEY-----\"\n";
        let token = b"//registry.example.com/:_authToken=abcdefghijklmnop\n";
        for (path, mode, bytes, expected) in [
            ("/app/server.pem", 0o644, &key[..], Some("/app/server.pem")),
            ("/usr/lib/python3/pem.py", 0o644, &code[..], None),
            ("/usr/lib/python3/test/key.pem", 0o644, &key[..], None),
            (
                "/home/app/.npmrc",
                0o600,
                &token[..],
                Some("/home/app/.npmrc"),
            ),
            ("/home/app/.npmrc", 0o600, b"audit=false\n", None),
            ("/usr/bin/su", 0o4755, b"ELF", Some("/usr/bin/su")),
            ("/usr/bin/wall", 0o2755, b"ELF", Some("/usr/bin/wall")),
            ("/var/lock/x", 0o2644, b"ELF", None),
            (
                "/home/app/.cache/pip/http/a",
                0o644,
                b"x",
                Some("/home/app/.cache/pip"),
            ),
            ("/var/lib/apt/lists/lock", 0o640, b"x", None),
            ("/var/lib/apt/lists/a_Packages", 0o644, b"", None),
        ] {
            let file = File {
                path,
                mode,
                size: bytes.len() as u64,
                bytes,
            };
            let found = look(&file).map(|found| found.path);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
