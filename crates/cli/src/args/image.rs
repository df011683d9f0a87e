//! Words about images.

use std::path::PathBuf;

use boatyard_plan::dockerfile::platform::parse;
use boatyard_plan::image::Platform;
use boatyard_plan::reference::Reference;
use boatyard_store::host_platform;
use clap::{Subcommand, ValueEnum};

/// What to do with images.
#[derive(Debug, Subcommand)]
pub enum Image {
    /// List images
    #[command(visible_alias = "list")]
    Ls,

    /// Show what an image is: how it runs, what it is made of
    #[command(after_help = "\
Examples:
  boatyard image inspect guestbook/app
  boatyard image inspect guestbook/app --json | jq .config.config.Env")]
    Inspect {
        /// The image
        image: Reference,
    },

    /// Tell which packages an image has: its bill of materials, as JSON
    #[command(after_help = "\
Examples:
  boatyard image sbom guestbook/app -o app.spdx.json
  boatyard image sbom guestbook/app --format cyclonedx | jq -r '.components[].purl'")]
    Sbom {
        /// The image
        image: Reference,
        /// What to write
        #[arg(long, value_enum, default_value_t)]
        format: Bill,
        /// Where to [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },

    /// Show what is said beside an image: how it was made, what is in it
    #[command(after_help = "\
Examples:
  boatyard image attest guestbook/app
  boatyard image attest guestbook/app --type sbom > app.spdx.json")]
    Attest {
        /// The image
        image: Reference,
        /// Only this, as it is written
        #[arg(long = "type", value_enum, value_name = "TYPE")]
        said: Option<Said>,
    },

    /// Show how an image differs from another one: settings, layers, files
    #[command(after_help = "\
Examples:
  boatyard image diff guestbook/app:1 guestbook/app:2
  boatyard image diff guestbook/app:1 guestbook/app:2 --json | jq '.files[].path'")]
    Diff {
        /// The one before
        before: Reference,
        /// The one after
        after: Reference,
    },

    /// Run an image, and prove that it keeps what it promises
    #[command(after_help = "\
Examples:
  boatyard image verify guestbook/app
  boatyard image verify guestbook/app --role worker --env REDIS_URL=redis://nowhere
  boatyard image verify guestbook/app:k8s-latest --json | jq '.checks[] | select(.outcome != \"passed\")'

Its containers have no network but loopback. Exit code 1: a check failed.")]
    Verify(super::verify::Verify),

    /// List the tags of a repository in its registry
    #[command(after_help = "\
Example:
  boatyard image tags registry.example.com/guestbook/app")]
    Tags {
        /// The repository, with its registry
        repository: Reference,
    },

    /// Tell which digests names have in their registries; nothing is fetched
    #[command(after_help = "\
Example:
  boatyard image digest registry.example.com/guestbook/app:1.2")]
    Digest {
        /// The names, with their registries
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<Reference>,
    },

    /// Give an image another name
    #[command(after_help = "\
Example:
  boatyard image tag guestbook/app registry.example.com/guestbook/app:1.2")]
    Tag {
        /// The image
        image: Reference,
        /// Its other name
        name: Reference,
    },

    /// Write an image to a file or folder
    #[command(after_help = "\
Examples:
  boatyard image save guestbook/app -o app.tar                         for docker load
  boatyard image save guestbook/app -o app --format oci                an OCI image layout folder")]
    Save {
        /// The image
        image: Reference,
        /// Where to
        #[arg(short, long, value_name = "PATH")]
        output: PathBuf,
        /// What to write
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },

    /// Read images from a file or folder: what "save", docker save, skopeo and others write
    Load {
        /// The file or folder
        path: PathBuf,
        /// Which image in it [default: the only one]
        #[arg(long)]
        name: Option<String>,
        /// What to call it here [default: as it is called there]
        #[arg(short, long)]
        tag: Option<Reference>,
    },

    /// Fetch an image from its registry
    Pull {
        /// The image, with its registry
        image: Reference,
        /// Which image of an index [default: the one for this machine]
        #[arg(long, value_name = "OS/ARCH", value_parser = platform)]
        platform: Option<Platform>,
    },

    /// Send an image to a registry, an index with all its images
    #[command(after_help = "\
Examples:
  boatyard image push registry.example.com/guestbook/app:1.2
  boatyard image push guestbook/app registry.example.com/guestbook/app:1.2")]
    Push {
        /// The image
        image: Reference,
        /// What it is called there, with its registry [default: as it is called here]
        name: Option<Reference>,
        /// Only the image of an index for this platform
        #[arg(long, value_name = "OS/ARCH", value_parser = platform)]
        platform: Option<Platform>,
        /// Annotation of its manifest; may be said several times
        #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
        annotation: Vec<(String, String)>,
    },

    /// Put an image on a new base without building it again
    #[command(after_help = "\
Examples:
  boatyard image rebase shop/app --onto debian:bookworm
  boatyard image rebase shop/app --onto team/base:2 --from team/base:1 -t shop/app:patched

The layers above the base stay as they are; settings that the image left as its base had them become the new base's.")]
    Rebase {
        /// The image
        image: Reference,
        /// The new base; fetched if it is not here
        #[arg(long, value_name = "BASE")]
        onto: Reference,
        /// The base that it is built on [default: the image of the new base's repository that is below it]
        #[arg(long, value_name = "OLDBASE")]
        from: Option<Reference>,
        /// What the result is called [default: as the image]
        #[arg(short, long, value_name = "NAME")]
        tag: Option<Reference>,
    },

    /// Give images for several platforms one name
    Index {
        /// What to do
        #[command(subcommand)]
        index: Index,
    },

    /// Free the space of what no image and no later build needs
    #[command(after_help = "\
Examples:
  boatyard image prune              what nothing refers to
  boatyard image prune --days 7     and the results of steps that no build used for a week
  boatyard image prune --keep-bytes 20GB
                                    and the oldest of them, until all that is left has 20 GB")]
    Prune {
        /// Forget results of build steps that no build used for so many days
        #[arg(long, value_name = "N")]
        days: Option<u32>,
        /// Forget the build steps that were not used for the longest time, until all blobs together have N bytes
        #[arg(long, value_name = "N", value_parser = super::size::bytes)]
        keep_bytes: Option<u64>,
    },

    /// Verify every byte in the store
    Fsck,

    /// Remove names of images; "prune" frees the space
    Rm {
        /// The names
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<Reference>,
        /// Not here but in their registries, with what they name, unless another tag names it, too
        #[arg(long)]
        remote: bool,
    },
}

/// What to do with indexes.
#[derive(Debug, Subcommand)]
pub enum Index {
    /// Make an index of images, one for each platform
    #[command(after_help = "\
Example:
  boatyard image index create shop/app:1.2 shop/app:1.2-amd64 shop/app:1.2-arm64
  boatyard image push shop/app:1.2 registry.example.com/shop/app:1.2")]
    Create {
        /// What the index is called
        name: Reference,
        /// The images; of an index all that are in it
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<Reference>,
        /// Annotation of the index; may be said several times
        #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
        annotation: Vec<(String, String)>,
    },
}

fn platform(text: &str) -> Result<Platform, &'static str> {
    parse(text, &host_platform()).ok_or("platforms look like linux/amd64 or linux/arm64/v8")
}

pub(super) fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("annotations look like NAME=VALUE"),
    }
}

/// What is said beside an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Said {
    /// How it was made, as SLSA provenance.
    Provenance,
    /// What is in it, as SPDX.
    #[value(help = "What is in it, as SPDX")]
    Sbom,
}

/// What an image is saved as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// What docker load and podman load read.
    #[default]
    Docker,
    /// An OCI image layout folder.
    Oci,
    /// An OCI image layout in a tar.
    OciArchive,
}

/// What a bill of materials is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Bill {
    /// SPDX 2.3.
    #[default]
    Spdx,
    /// `CycloneDX` 1.6.
    #[value(help = "CycloneDX 1.6")]
    Cyclonedx,
}
