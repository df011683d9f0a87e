//! Words about images.

use std::path::PathBuf;

use boatyard_plan::reference::Reference;
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
    },

    /// Free the space of what no image and no later build needs
    #[command(after_help = "\
Examples:
  boatyard image prune              what nothing refers to
  boatyard image prune --days 7     and the results of steps that no build used for a week")]
    Prune {
        /// Forget results of build steps that no build used for so many days
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },

    /// Verify every byte in the store
    Fsck,

    /// Remove names of images; "prune" frees the space
    Rm {
        /// The names
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<Reference>,
    },
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
