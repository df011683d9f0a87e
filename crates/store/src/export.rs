//! Images out of the store, into a folder or an archive for others.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use boatyard_plan::image::{Descriptor, Index, Manifest, media};
use boatyard_plan::reference::Reference;

use crate::disk::During as _;
use crate::failure::StoreError;
use crate::images::{REF_NAME, to_json};
use crate::layer::{self, Content, Entry};
use crate::store::{Store, publish};

/// What an image is saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A folder with an OCI image layout; made if it is missing, else the image is added to it.
    OciFolder,
    /// The same in a tar.
    OciArchive,
    /// What `docker load` and `podman load` read; layers are stored unpacked.
    DockerArchive,
}

/// Saves the image at `manifest` (for this machine, if it is an index) as `path`. An archive appears whole or not at
/// all, and the same image gives the same bytes.
pub fn save(
    store: &Store,
    manifest: &Descriptor,
    name: &Reference,
    path: &Path,
    format: Format,
) -> Result<(), StoreError> {
    let selected = store.select(manifest, &crate::images::host_platform())?;
    // What is said about an image goes with it; images for other machines do not.
    let top = match format {
        Format::OciFolder | Format::OciArchive => {
            let statements = store.statements(manifest, &selected)?;
            store.beside(manifest, &selected, &statements)?
        }
        Format::DockerArchive => selected,
    };
    match format {
        Format::OciFolder => oci_folder(store, &top, name, path),
        Format::OciArchive => archive(path, oci_entries(store, &top, name)?),
        Format::DockerArchive => {
            let scratch = store.scratch()?;
            archive(path, docker_entries(store, &top, name, scratch.path())?)
        }
    }
}

const LAYOUT: &str = "{\"imageLayoutVersion\":\"1.0.0\"}";

fn oci_folder(
    store: &Store,
    top: &Descriptor,
    name: &Reference,
    path: &Path,
) -> Result<(), StoreError> {
    let blobs = path.join("blobs/sha256");
    fs::create_dir_all(&blobs).during("create folder", &blobs)?;
    for blob in needed(store, top)? {
        let into = blobs.join(blob.digest.hex());
        if fs::metadata(&into).is_ok_and(|found| found.len() == blob.size) {
            continue;
        }
        let draft = blobs.join(format!(".{}.part", blob.digest.short()));
        let mut file = File::create(&draft).during("create", &draft)?;
        io::copy(&mut store.open_blob(&blob.digest)?, &mut file).during("write", &draft)?;
        file.sync_all().during("write", &draft)?;
        publish(&draft, &into)?;
    }
    let layout = path.join("oci-layout");
    fs::write(&layout, LAYOUT).during("write", &layout)?;
    let index_path = path.join("index.json");
    let mut index = match fs::read(&index_path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map_err(|source| StoreError::MalformedFile {
                path: index_path.clone(),
                source,
            })?
        }
        Err(_) => empty_index(),
    };
    let named = named(top, name);
    index.manifests.retain(|known: &Descriptor| {
        known.annotations.get(REF_NAME) != named.annotations.get(REF_NAME)
    });
    index.manifests.push(named);
    let draft = path.join(".index.json.part");
    fs::write(&draft, to_json(&index)).during("write", &draft)?;
    Ok(publish(&draft, &index_path)?)
}

fn oci_entries(
    store: &Store,
    top: &Descriptor,
    name: &Reference,
) -> Result<Vec<Entry>, StoreError> {
    let index = Index {
        manifests: vec![named(top, name)],
        ..empty_index()
    };
    let mut entries = vec![
        Entry::directory("blobs", 0o755),
        Entry::directory("blobs/sha256", 0o755),
        Entry::file("index.json", 0o644, to_json(&index)),
        Entry::file("oci-layout", 0o644, LAYOUT.as_bytes()),
    ];
    for blob in needed(store, top)? {
        let into = Path::new("blobs/sha256").join(blob.digest.hex());
        entries.push(from_file(into, store.blob_path(&blob.digest), blob.size));
    }
    Ok(entries)
}

fn docker_entries(
    store: &Store,
    top: &Descriptor,
    name: &Reference,
    scratch: &Path,
) -> Result<Vec<Entry>, StoreError> {
    let manifest = store.manifest(top)?;
    let config_name = format!("{}.json", manifest.config.digest.hex());
    let config = store.read_blob(&manifest.config.digest)?;
    let mut entries = vec![Entry::file(&config_name, 0o644, config)];
    let mut names = Vec::new();
    for layer in store.layers(&manifest)? {
        let file_name = format!("{}.tar", layer.diff_id.hex());
        let plain_path = scratch.join(&file_name);
        if !names.contains(&file_name) {
            let blob = store.open_blob(&layer.blob.digest)?;
            let blob_path = store.blob_path(&layer.blob.digest);
            let mut plain = layer::plain(BufReader::new(blob)).during("unpack", &blob_path)?;
            let mut file = File::create_new(&plain_path).during("create", &plain_path)?;
            let size = io::copy(&mut plain, &mut file).during("unpack", &blob_path)?;
            entries.push(from_file(PathBuf::from(&file_name), plain_path, size));
        }
        names.push(file_name);
    }
    let list = serde_json::json!([{
        "Config": config_name,
        "RepoTags": [name.to_string()],
        "Layers": names,
    }]);
    entries.push(Entry::file("manifest.json", 0o644, to_json(&list)));
    Ok(entries)
}

/// All blobs of an image or an index, each once, the manifest first.
fn needed(store: &Store, top: &Descriptor) -> Result<Vec<Descriptor>, StoreError> {
    let mut blobs = vec![top.clone()];
    for entry in store.entries(top)? {
        let manifest: Manifest = store.read_json(&entry.digest, "an image manifest")?;
        blobs.extend([entry, manifest.config]);
        blobs.extend(manifest.layers);
    }
    let mut seen = std::collections::HashSet::new();
    blobs.retain(|blob| seen.insert(blob.digest.clone()));
    for blob in &blobs {
        if store.blob_size(&blob.digest) != Some(blob.size) {
            return Err(StoreError::MissingBlob {
                digest: blob.digest.clone(),
            });
        }
    }
    Ok(blobs)
}

fn named(top: &Descriptor, name: &Reference) -> Descriptor {
    let mut named = top.clone();
    named
        .annotations
        .insert(REF_NAME.to_owned(), name.to_string());
    named
}

fn empty_index() -> Index {
    Index {
        schema_version: 2,
        media_type: Some(media::INDEX.to_owned()),
        manifests: Vec::new(),
        annotations: std::collections::BTreeMap::new(),
    }
}

fn from_file(path: PathBuf, content: PathBuf, size: u64) -> Entry {
    Entry {
        size,
        content: Content::File(content),
        ..Entry::file(path, 0o644, *b"")
    }
}

/// Writes a plain tar beside `path` and renames it.
fn archive(path: &Path, mut entries: Vec<Entry>) -> Result<(), StoreError> {
    entries.sort_by(Entry::order);
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let written = write_archive(&draft, &entries).and_then(|()| Ok(publish(&draft, path)?));
    if written.is_err() {
        // The first cause is what counts.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn write_archive(draft: &Path, entries: &[Entry]) -> Result<(), StoreError> {
    let file = File::create(draft).during("create", draft)?;
    let mut out = BufWriter::with_capacity(1 << 18, file);
    for entry in entries {
        let mut header = Vec::new();
        layer::encode(entry, 0, &mut header);
        out.write_all(&header).during("write", draft)?;
        match &entry.content {
            Content::None => {}
            Content::Bytes(bytes) => out.write_all(bytes).during("write", draft)?,
            Content::File(from) => {
                let mut content = File::open(from).during("open", from)?.take(entry.size);
                io::copy(&mut content, &mut out).during("write", draft)?;
            }
        }
        let padding = entry.size.wrapping_neg() % 512;
        io::copy(&mut io::repeat(0).take(padding), &mut out).during("write", draft)?;
    }
    out.write_all(&[0; 1024]).during("write", draft)?;
    let file = out
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .during("write", draft)?;
    Ok(file.sync_all().during("write", draft)?)
}
