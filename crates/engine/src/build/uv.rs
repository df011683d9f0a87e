//! The uv program: fetched once from the Python index, verified, shown to steps, never in an image.

use std::fs::Permissions;
use std::io::{Cursor, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use boatyard_plan::digest::Digest;
use boatyard_plan::release::without_password;
use boatyard_store::Store;

use super::BuildError;
use super::environment::python_index;
use crate::debian::{FetchError, Http};

/// The version that is used. Part of a step's key.
pub(super) const VERSION: &str = "0.13.8";

/// Wheel and its SHA-256, as the Python index publishes them.
#[cfg(target_arch = "x86_64")]
const WHEEL: (&str, &str) = (
    "uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "e18a57b8b352eb7c8feb317b9f6f533c8f0ad9673fd6cf34bbe3cf1a9f6a8984",
);
#[cfg(target_arch = "aarch64")]
const WHEEL: (&str, &str) = (
    "uv-0.13.8-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
    "0b3e8b1a4f5e405e31e2ff33de8af4744831e9f7338539671efbd8c3c94e791d",
);

/// The program's path: `BOATYARD_UV` if set, else fetched into the store.
pub(super) fn program(store: &Store) -> Result<PathBuf, BuildError> {
    if let Some(path) = std::env::var_os("BOATYARD_UV") {
        return Ok(PathBuf::from(path));
    }
    let folder = store.root().join("tools").join(format!("uv-{VERSION}"));
    let program = folder.join("uv");
    if program.is_file() {
        return Ok(program);
    }
    let bytes = fetch_program().map_err(|source| BuildError::Uv {
        version: VERSION,
        index: without_password(&python_index()),
        source,
    })?;
    let failed = |doing, path: &std::path::Path| {
        let path = path.to_path_buf();
        move |source| BuildError::Io {
            doing,
            path,
            source,
        }
    };
    std::fs::create_dir_all(&folder).map_err(failed("make", &folder))?;
    let scratch = store.scratch()?;
    let new = scratch.path().join("uv");
    std::fs::write(&new, bytes).map_err(failed("write", &new))?;
    std::fs::set_permissions(&new, Permissions::from_mode(0o755))
        .map_err(failed("set the mode of", &new))?;
    std::fs::File::open(&new)
        .and_then(|file| file.sync_all())
        .map_err(failed("write", &new))?;
    std::fs::rename(&new, &program).map_err(failed("keep", &program))?;
    Ok(program)
}

/// An index page is not larger than this, bytes.
const PAGE_LIMIT: u64 = 64 << 20;

/// The wheel is not larger than this, bytes.
const WHEEL_LIMIT: u64 = 256 << 20;

/// Why uv could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum UvError {
    /// The download failed.
    #[error("the download failed")]
    Fetch(#[from] FetchError),
    /// The index does not have the wheel.
    #[error("the index does not list {wheel}")]
    NotListed {
        /// Its name.
        wheel: &'static str,
    },
    /// What came is not what was published.
    #[error("{wheel} has digest sha256:{found}, expected sha256:{expected}")]
    Digest {
        /// Its name.
        wheel: &'static str,
        /// What came.
        found: String,
        /// What should have come.
        expected: &'static str,
    },
    /// The wheel does not hold the program.
    #[error("{wheel} does not hold the program")]
    Wheel {
        /// Its name.
        wheel: &'static str,
    },
}

/// Downloads the wheel and takes the program out.
fn fetch_program() -> Result<Vec<u8>, UvError> {
    let http = Http::of_host();
    let (wheel, expected) = WHEEL;
    let page = format!("{}/uv/", python_index().trim_end_matches('/'));
    let listing = http.read(&page, PAGE_LIMIT)?;
    let link =
        link_to(&String::from_utf8_lossy(&listing), wheel).ok_or(UvError::NotListed { wheel })?;
    let bytes = http.read(&absolute(&page, &link), WHEEL_LIMIT)?;
    let found = Digest::of(&bytes);
    if found.hex() != expected {
        return Err(UvError::Digest {
            wheel,
            found: found.hex().to_owned(),
            expected,
        });
    }
    let mut program = Vec::new();
    zip::ZipArchive::new(Cursor::new(bytes))
        .ok()
        .and_then(|mut archive| {
            let name = format!("uv-{VERSION}.data/scripts/uv");
            archive.by_name(&name).ok()?.read_to_end(&mut program).ok()
        })
        .ok_or(UvError::Wheel { wheel })?;
    Ok(program)
}

/// The address of `file` on an index page (PEP 503), without its fragment.
fn link_to(page: &str, file: &str) -> Option<String> {
    page.split("href=").skip(1).find_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let link = rest[1..].split(quote).next()?;
        let link = link.split('#').next()?;
        (link.rsplit('/').next()? == file).then(|| link.replace("&amp;", "&"))
    })
}

/// `link` as seen from `page` (RFC 3986 section 5, the cases that indexes use).
fn absolute(page: &str, link: &str) -> String {
    if link.contains("://") {
        return link.to_owned();
    }
    let (scheme, rest) = page.split_once("://").unwrap_or(("https", page));
    let host = rest.split('/').next().unwrap_or(rest);
    if link.starts_with('/') {
        return format!("{scheme}://{host}{link}");
    }
    let mut folder: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    for part in link.split('/') {
        match part {
            ".." if folder.len() > 1 => {
                folder.pop();
            }
            "." | ".." => {}
            part => folder.push(part),
        }
    }
    format!("{scheme}://{}", folder.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_an_index_page() {
        let page = "<a href=\"../../packages/a/uv-1.whl#sha256=x\">uv</a><a href='https://f.example/uv-2.whl'>";
        assert_eq!(
            link_to(page, "uv-1.whl").as_deref(),
            Some("../../packages/a/uv-1.whl")
        );
        assert_eq!(
            link_to(page, "uv-2.whl").as_deref(),
            Some("https://f.example/uv-2.whl")
        );
        assert_eq!(link_to(page, "uv-3.whl"), None);
        assert_eq!(
            absolute("https://i.example/simple/uv/", "../../packages/a/x"),
            "https://i.example/packages/a/x"
        );
        assert_eq!(
            absolute("https://i.example/simple/uv/", "/p/x"),
            "https://i.example/p/x"
        );
    }
}
