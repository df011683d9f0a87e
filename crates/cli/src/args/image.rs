//! Words about images.

use boatyard_plan::reference::Reference;
use clap::Subcommand;

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

    /// Remove names of images; "prune" frees the space
    Rm {
        /// The names
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<Reference>,
    },
}
