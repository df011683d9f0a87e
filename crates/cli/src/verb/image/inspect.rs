//! `boatyard image inspect IMAGE`

use std::fmt::Write as _;

use boatyard_engine::attest;
use boatyard_plan::digest::Digest;
use boatyard_plan::image::{ImageConfig, Manifest};
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use serde::Serialize;

use crate::answer;
use crate::colour::{DIM, STRONG};
use crate::progress::amount;
use crate::stopped::Stopped;
use crate::voice::Voice;

/// What programs learn.
#[derive(Serialize)]
struct Answer {
    reference: String,
    /// Digest of the manifest.
    digest: Digest,
    manifest: Manifest,
    config: ImageConfig,
    /// What is said beside it: predicate types.
    attestations: Vec<String>,
}

/// Shows how an image runs and what it is made of.
pub fn run(store: &Store, reference: &Reference, voice: &Voice) -> Result<(), Stopped> {
    let descriptor = super::named::resolve(store, reference)?;
    let manifest = store.manifest(&descriptor)?;
    let answer = Answer {
        reference: reference.to_string(),
        attestations: attest::read(store, &descriptor)?
            .iter()
            .filter_map(|statement| Some(statement["predicateType"].as_str()?.to_owned()))
            .collect(),
        digest: descriptor.digest,
        config: store.config(&manifest)?,
        manifest,
    };
    if voice.json {
        answer::json(&answer)
    } else {
        answer::text(&text(&answer, voice))
    }
}

fn text(answer: &Answer, voice: &Voice) -> String {
    let (image, run) = (&answer.config, &answer.config.config);
    let words = |words: &Option<Vec<String>>| words.as_ref().map(|words| words.join(" "));
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let ports: Vec<&str> = run.exposed_ports.keys().map(String::as_str).collect();
    let facts = [
        ("image", Some(answer.reference.clone())),
        ("digest", Some(answer.digest.to_string())),
        (
            "platform",
            Some(format!("{}/{}", image.os, image.architecture)),
        ),
        ("created", image.created.clone()),
        ("user", some(&run.user)),
        ("folder", some(&run.working_dir)),
        ("entry point", words(&run.entrypoint)),
        ("command", words(&run.cmd)),
        ("ports", some(&ports.join(", "))),
        ("stop signal", run.stop_signal.clone()),
        ("said of it", some(&answer.attestations.join(", "))),
    ];
    let mut text = String::new();
    for (name, value) in facts {
        if let Some(value) = value {
            let name = voice.out.paint(STRONG, format!("{name:<12}"));
            let _ = writeln!(text, "{name}{value}");
        }
    }
    for (title, lines) in [
        ("environment", run.env.clone()),
        ("labels", pairs(&run.labels)),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(text, "{}", voice.out.paint(STRONG, title));
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    let _ = writeln!(text, "{}", voice.out.paint(STRONG, "layers"));
    let made_by = image.history.iter().filter(|entry| !entry.empty_layer);
    let mut made_by = made_by.map(|entry| entry.created_by.as_deref().unwrap_or_default());
    for layer in &answer.manifest.layers {
        let size = amount::bytes(layer.size);
        let digest = voice.out.paint(DIM, layer.digest.short());
        let made_by = made_by.next().unwrap_or_default();
        let line = format!("  {digest}  {size:>7}  {made_by}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn pairs(labels: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let pairs = labels.iter();
    pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}
