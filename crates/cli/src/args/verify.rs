//! `boatyard image verify`

use std::time::Duration;

use boatyard_plan::reference::Reference;
use boatyard_plan::variant::Variant;
use clap::Args;

use super::run::duration;

/// The words of `image verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// The image
    pub image: Reference,

    /// Which role of the image to start [default: the image's own]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,

    /// A variable that the application needs; may be said several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::image::pair)]
    pub env: Vec<(String, String)>,

    /// How long a start may take
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub timeout: Duration,

    /// How long the application may take to stop [default: as the role says, or 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub grace: Option<Duration>,

    /// What the image is for: docker or k8s [default: as its label says, or docker]
    #[arg(long, value_name = "VARIANT", value_parser = variant)]
    pub variant: Option<Variant>,
}

fn variant(text: &str) -> Result<Variant, &'static str> {
    Variant::ALL
        .into_iter()
        .find(|variant| variant.name() == text)
        .ok_or("expected docker or k8s")
}
