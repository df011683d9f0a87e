//! What is said about images, with registries that list it (a mock: `listing`) and with one that does not.

mod image;
mod listing;

use boatyard_plan::attest::{Statement, attached};
use boatyard_plan::digest::Digest;
use boatyard_plan::image::{Descriptor, media};
use boatyard_plan::reference::Reference;
use boatyard_store::Store;
use boatyard_store::registry::{self, Options, RegistryError};
use image::image;
use listing::{Link, Listing, Manner};
use serde_json::json;
use tempfile::TempDir;

const PAGED: Manner = Manner {
    lists: true,
    page: 10,
    link: Link::Path,
};

fn options() -> Options {
    Options {
        attempts: 2,
        pause: std::time::Duration::ZERO,
        ..Options::from_variables(|_| None)
    }
}

/// An image in a registry, with one manifest of statements that was pushed with it.
struct World {
    registry: Listing,
    image: Descriptor,
    said: Digest,
    home: TempDir,
}

impl World {
    fn new(manner: Manner) -> Self {
        let registry = Listing::start(manner);
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(&home.path().join("from")).unwrap();
        let (image, _) = image(&store, "text");
        let statement = Statement {
            predicate_type: "https://example.com/said",
            bytes: b"{\"said\":1}".to_vec(),
        };
        let attached = attached(&image, std::slice::from_ref(&statement));
        for blob in [&attached.config, &attached.manifest, &statement.bytes] {
            store.put_blob(blob).unwrap();
        }
        let said = attached.descriptor.digest.clone();
        let top = store
            .beside(&image, &image, &[attached.descriptor])
            .unwrap();
        let world = Self {
            registry,
            image,
            said,
            home,
        };
        registry::push(&store, &top, &world.name(":1"), &options(), &|_| {}).unwrap();
        world
    }

    fn name(&self, end: &str) -> Reference {
        let port = self.registry.port;
        format!("127.0.0.1:{port}/app{end}").parse().unwrap()
    }

    /// Pulls `end` into an empty store; gives the digests of what is said about the image there.
    fn pull(&self, end: &str) -> Result<Vec<Digest>, RegistryError> {
        let into = tempfile::tempdir_in(self.home.path()).unwrap();
        let store = Store::open(into.path()).unwrap();
        let name = self.name(end);
        let top = registry::pull_with_statements(&store, &name, &options(), &|_| {})?;
        let said = store.statements(&top, &self.image)?;
        for one in &said {
            let manifest = store.manifest(one)?;
            for blob in manifest.layers.iter().chain([&manifest.config]) {
                assert!(store.has_blob(&blob.digest), "{blob:?}");
            }
        }
        Ok(said.into_iter().map(|one| one.digest).collect())
    }

    /// The image itself, by its digest: what is said about it is only in a list.
    fn by_digest(&self) -> String {
        format!("@{}", self.image.digest)
    }

    /// Another manifest that refers to the image, of a kind, with a layer of some size that is not there.
    fn refer(&self, kind: &str, number: usize, size: u64) -> Digest {
        let empty = Digest::of(b"{}").to_string();
        let mut state = self.registry.state.lock().unwrap();
        state.blobs.insert(empty, b"{}".to_vec());
        drop(state);
        let config = json!({"mediaType": media::CONFIG, "digest": Digest::of(b"{}"), "size": 2});
        let layer =
            json!({"mediaType": kind, "digest": Digest::of(&number.to_le_bytes()), "size": size});
        self.registry.keep(&json!({
            "schemaVersion": 2, "mediaType": media::MANIFEST, "artifactType": kind, "config": config,
            "layers": if size > 0 { json!([layer]) } else { json!([]) },
            "annotations": {"number": number.to_string()},
            "subject": {"mediaType": media::MANIFEST, "digest": self.image.digest, "size": self.image.size},
        }))
    }
}

const STATEMENTS: &str = "application/vnd.in-toto+json";

#[test]
fn what_is_pushed_is_found_with_and_without_a_list() {
    let without = Manner {
        lists: false,
        ..PAGED
    };
    for manner in [PAGED, without] {
        let world = World::new(manner);
        // Whoever names the index has what is in it; whoever names the image, what the registry lists.
        assert_eq!(
            world.pull(":1").unwrap(),
            std::slice::from_ref(&world.said),
            "{manner:?}"
        );
        let found = world.pull(&world.by_digest()).unwrap();
        assert_eq!(found, std::slice::from_ref(&world.said), "{manner:?}");
        // A registry that says `OCI-Subject` keeps the list itself.
        let tagged = world.registry.count("PUT /v2/app/manifests/sha256-");
        assert_eq!(tagged, usize::from(!manner.lists), "{manner:?}");
    }
}

#[test]
fn a_list_is_read_page_by_page_and_not_for_ever() {
    for link in [Link::Path, Link::Url] {
        let world = World::new(Manner { link, ..PAGED });
        for number in 0..60 {
            world.refer("application/vnd.example.signature", number, 0);
        }
        let mut expected: Vec<_> = (0..5).map(|n| world.refer(STATEMENTS, n, 0)).collect();
        expected.push(world.said.clone());
        let mut found = world.pull(&world.by_digest()).unwrap();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{link:?}");
        // 66 entries, ten on a page.
        assert_eq!(world.registry.count("/referrers/"), 7, "{link:?}");
    }
}

#[test]
fn a_list_that_never_ends_or_leads_elsewhere_is_read_as_far_as_it_makes_sense() {
    for (link, pages) in [(Link::Back, 50), (Link::Elsewhere, 1)] {
        let world = World::new(Manner { link, ..PAGED });
        for number in 0..20 {
            world.refer("application/vnd.example.signature", number, 0);
        }
        world.pull(&world.by_digest()).unwrap();
        assert_eq!(world.registry.count("/referrers/"), pages, "{link:?}");
    }
    // More statements than anybody needs.
    let world = World::new(Manner { page: 40, ..PAGED });
    for number in 0..150 {
        world.refer(STATEMENTS, number, 0);
    }
    assert_eq!(world.pull(&world.by_digest()).unwrap().len(), 100);
    assert_eq!(world.registry.count("/referrers/"), 3);
}

#[test]
fn what_is_too_large_keeps_nobody_from_the_image() {
    let world = World::new(PAGED);
    let large = world.refer(STATEMENTS, 1, 1 << 40);
    let found = world.pull(&world.by_digest()).unwrap();
    assert_eq!(found, std::slice::from_ref(&world.said));
    assert_eq!(world.registry.count(&format!("manifests/{large}")), 1);
    // Beside the image in an index it is its own maker's fault.
    let about = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": world.image.digest,
    });
    let platform =
        json!({"architecture": boatyard_store::host_platform().architecture, "os": "linux"});
    let sized = |digest: &Digest| {
        let state = world.registry.state.lock().unwrap();
        state.manifests[&digest.to_string()].len()
    };
    let index = world.registry.keep(&json!({
        "schemaVersion": 2, "mediaType": media::INDEX, "manifests": [
            {"mediaType": media::MANIFEST, "digest": world.image.digest, "size": world.image.size, "platform": platform},
            {"mediaType": media::MANIFEST, "digest": large, "size": sized(&large), "annotations": about},
        ],
    }));
    let refused = world.pull(&format!("@{index}")).unwrap_err();
    assert!(
        matches!(&refused, RegistryError::TooMuchSaid { .. }),
        "{refused}"
    );
}

#[test]
fn a_list_that_says_what_is_not_so_is_not_believed() {
    let world = World::new(PAGED);
    // About another image, though it is listed under a tag for this one.
    let other = world.registry.keep(&json!({
        "schemaVersion": 2, "mediaType": media::MANIFEST, "artifactType": STATEMENTS,
        "config": {"mediaType": media::CONFIG, "digest": Digest::of(b"{}"), "size": 2}, "layers": [],
        "subject": {"mediaType": media::MANIFEST, "digest": Digest::of(b"another"), "size": 1},
    }));
    let without = World::new(Manner {
        lists: false,
        ..PAGED
    });
    let kept = world.registry.state.lock().unwrap().manifests[&other.to_string()].clone();
    let gone = Digest::of(b"nothing");
    let mut state = without.registry.state.lock().unwrap();
    state.manifests.insert(other.to_string(), kept.clone());
    let entry = |digest: &Digest, size: usize| json!({"mediaType": media::MANIFEST, "artifactType": STATEMENTS, "digest": digest, "size": size});
    let size = state.manifests[&without.said.to_string()].len();
    let list = json!({
        "schemaVersion": 2, "mediaType": media::INDEX,
        "manifests": [entry(&other, kept.len()), entry(&gone, 1), entry(&without.said, size)],
    });
    let tag = format!("sha256-{}", without.image.digest.hex());
    state.manifests.insert(tag, list.to_string().into_bytes());
    drop(state);
    let found = without.pull(&without.by_digest()).unwrap();
    assert_eq!(found, std::slice::from_ref(&without.said));
}
