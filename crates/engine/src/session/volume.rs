//! Data that outlives containers.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::sandbox::Bind;

use super::{Place, SessionError};

/// Makes the volume `name` for the container whose file system is at `root`, if it is not there yet: empty, owned as
/// the folder `target` of the image is. Returns how it is shown.
pub(super) fn ensure(
    place: &Place,
    name: &str,
    root: &Path,
    target: &str,
) -> Result<Bind, SessionError> {
    let folder = place.volume(name);
    let failed = |doing: &'static str, path: &Path| {
        let path = path.to_path_buf();
        move |source| SessionError::Io {
            doing,
            path,
            source,
        }
    };
    if !folder.is_dir() {
        let new = folder.with_extension("new");
        std::fs::create_dir_all(&new).map_err(failed("make", &new))?;
        if let Ok(meta) = std::fs::symlink_metadata(root.join(target.trim_start_matches('/'))) {
            std::os::unix::fs::chown(&new, Some(meta.uid()), Some(meta.gid()))
                .map_err(failed("give away", &new))?;
            let mode = std::fs::Permissions::from_mode(meta.permissions().mode());
            std::fs::set_permissions(&new, mode).map_err(failed("set the mode of", &new))?;
        }
        std::fs::rename(&new, &folder).map_err(failed("keep", &folder))?;
    }
    Ok(Bind {
        source: folder,
        target: PathBuf::from(target),
        readonly: false,
    })
}
