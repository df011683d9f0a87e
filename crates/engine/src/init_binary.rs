//! The static `boatyard-init` that goes into every image, built by `build.rs` for the platform of this program.

use boatyard_plan::digest::Digest;

/// The executable file. It needs nothing of the image it is put into: no loader, no library, no other file.
pub const BYTES: &[u8] = include_bytes!(env!("BOATYARD_INIT_BINARY"));

/// The target that it was built for, which names its C library (`x86_64-unknown-linux-musl`): musl where the compiler that built
/// us had a standard library for it, else glibc.
pub const TARGET: &str = env!("BOATYARD_INIT_TARGET");

/// The digest of [`BYTES`], for cache keys: an image with another init is another image.
pub fn digest() -> Digest {
    Digest::of(BYTES)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    use super::*;

    /// Offset and value of fields in the ELF header (elf(5)).
    const MAGIC: &[u8] = b"\x7fELF";

    #[test]
    fn is_a_small_executable() {
        assert!(BYTES.starts_with(MAGIC));
        assert!(BYTES.len() <= 2_000_000, "{} bytes", BYTES.len());
    }

    #[test]
    fn is_static() {
        // Only a dynamic executable has a program header of the type PT_INTERP: the path of its loader.
        assert!(!program_headers().any(|kind| kind == 3));
    }

    #[test]
    fn runs_where_there_is_no_other_file() {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("boatyard-init");
        fs::write(&program, BYTES).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        for (words, code, told) in [
            (
                &["--version"][..],
                0,
                concat!("boatyard-init ", env!("CARGO_PKG_VERSION"), "\n"),
            ),
            (
                &["--", "/boatyard-init", "--help"],
                0,
                "usage: boatyard-init",
            ),
            (&["start"], 78, ""),
            (&["shell"], 127, ""),
        ] {
            let output = Command::new("unshare")
                .args(["--fork", "--pid", "--kill-child", "chroot"])
                .arg(root.path())
                .arg("/boatyard-init")
                .args(words)
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            if stderr.starts_with("unshare:") {
                let _ = writeln!(std::io::stderr(), "not run: no pid namespace: {stderr}");
                return;
            }
            assert_eq!(output.status.code(), Some(code), "{words:?}: {stderr}");
            assert!(
                String::from_utf8_lossy(&output.stdout).starts_with(told),
                "{words:?}"
            );
        }
    }

    /// The types of the program headers of a 64-bit little-endian ELF file.
    fn program_headers() -> impl Iterator<Item = u32> {
        let number = |at: usize, size: usize| {
            BYTES[at..at + size]
                .iter()
                .rev()
                .fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte))
        };
        let (table, size, count) = (number(0x20, 8), number(0x36, 2), number(0x38, 2));
        (0..count).map(move |index| u32::try_from(number(table + index * size, 4)).unwrap())
    }
}
