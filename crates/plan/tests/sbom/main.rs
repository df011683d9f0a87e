//! Bills of materials: what databases of packages say, and the documents made of it.

use boatyard_plan::digest::Digest;
use boatyard_plan::sbom::debian::{self, Distribution};
use boatyard_plan::sbom::{Inventory, Licence, Origin, Subject, cyclonedx, python, spdx};
use serde_json::Value;

const STATUS: &[u8] = include_bytes!("dpkg.status");

fn bookworm() -> Distribution {
    let text = b"PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n";
    Distribution::read(text).expect("it has an ID")
}

#[test]
fn what_dpkg_has_unpacked() {
    let read = debian::packages(STATUS, "/var/lib/dpkg/status", Some(&bookworm()));
    let purls: Vec<&str> = read.packages.iter().map(|one| one.purl.as_str()).collect();
    assert_eq!(
        purls,
        [
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12",
            "pkg:deb/debian/passwd@1:4.13%2Bdfsg1-1%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=shadow",
            "pkg:deb/debian/libselinux1@3.4-1%2Bb6?arch=amd64&distro=debian-12&upstream=libselinux%403.4-1",
            "pkg:deb/debian/tzdata@2025b-0%2Bdeb12u1?arch=all&distro=debian-12",
        ]
    );
    // What has no version is counted, not passed over in silence.
    assert_eq!(read.damaged, 1);
}

#[test]
fn what_images_without_dpkg_have() {
    let record = b"Package: netbase\nVersion: 6.4\nArchitecture: all\n";
    let place = "/var/lib/dpkg/status.d/netbase";
    let read = debian::packages(record, place, None);
    let found = &read.packages[0];
    assert_eq!(found.purl, "pkg:deb/debian/netbase@6.4?arch=all");
    assert!(found.places.contains(place));
    let nothing = debian::packages(b"\x00\xff\n\n: \n", place, None);
    assert_eq!((nothing.packages.len(), nothing.damaged), (0, 1));
}

#[test]
fn distributions() {
    let read = |text: &str| Distribution::read(text.as_bytes());
    let sid = read("ID='Debian'\nVERSION_ID=\n").expect("it has an ID");
    assert_eq!((sid.id.as_str(), sid.version), ("debian", None));
    assert_eq!(read("NAME=x\nVERSION_ID=1\n"), None);
}

#[test]
fn what_python_installed() {
    let expression = |text: &str| Some(Licence::Expression(text.to_owned()));
    let words = |text: &str| Some(Licence::Words(text.to_owned()));
    for (metadata, purl, licence) in [
        (
            "Metadata-Version: 2.4\nName: Flask\nVersion: 3.1.2\nLicense-Expression: BSD-3-Clause\n\nName: no\n",
            "pkg:pypi/flask@3.1.2",
            expression("BSD-3-Clause"),
        ),
        (
            "Metadata-Version: 2.1\nName: zope.interface\nVersion: 7.0\nLicense: ZPL 2.1\n",
            "pkg:pypi/zope-interface@7.0",
            words("ZPL 2.1"),
        ),
        (
            "Name: ruamel._yaml__x\nVersion: 1!2.0+local.1\nLicense: UNKNOWN\n",
            "pkg:pypi/ruamel-yaml-x@1%212.0%2Blocal.1",
            None,
        ),
        (
            "Name: pytz\nVersion: 2025.2\nClassifier: Programming Language :: Python\n\
             Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved\n",
            "pkg:pypi/pytz@2025.2",
            words("MIT License"),
        ),
        (
            "Name: old\r\nVersion: 1\r\nLicense: Copyright (c) somebody\r\n        All rights.\r\n",
            "pkg:pypi/old@1",
            words("Copyright (c) somebody\nAll rights."),
        ),
    ] {
        let found = python::package(metadata.as_bytes(), None, "/x").expect(metadata);
        assert_eq!((found.purl.as_str(), found.licence), (purl, licence));
    }
    assert_eq!(
        python::package(b"Name: x\n\nVersion: 1\n", None, "/x"),
        None
    );
    assert_eq!(python::package(b"", None, "/x"), None);
}

#[test]
fn where_python_packages_came_from() {
    let read = |text: &str| Origin::read(text.as_bytes());
    let hash = "A".repeat(64);
    let archive = read(&format!(
        r#"{{"url": "https://me:secret@host.example/a/x-1.tar.gz?token=secret#sha256=1",
             "archive_info": {{"hash": "sha256={hash}"}}}}"#
    ))
    .expect("an archive");
    assert_eq!(archive.url, "https://host.example/a/x-1.tar.gz");
    assert_eq!(archive.sha256, Some("a".repeat(64)));
    let repository = br#"{"url": "ssh://git@host.example/x.git",
        "vcs_info": {"vcs": "git", "commit_id": "c0ffee", "requested_revision": "main"}}"#;
    let found = python::package(b"Name: x\nVersion: 1\n", Some(repository), "/x").expect("named");
    assert_eq!(
        found.purl,
        "pkg:pypi/x@1?vcs_url=git%2Bssh://host.example/x.git%40c0ffee"
    );
    for local in [
        r#"{"url": "file:///home/me/x", "dir_info": {"editable": true}}"#,
        r#"{"url": "file:///home/me/x.whl", "archive_info": {}}"#,
        r#"{"url": "https://", "archive_info": {}}"#,
        "{",
    ] {
        assert_eq!(read(local), None, "{local}");
    }
}

fn example() -> (Subject, Inventory) {
    let subject = Subject {
        reference: "registry.example.com/shop/app:1.2".parse().expect("a name"),
        digest: Digest::of(b"manifest"),
        architecture: "amd64".to_owned(),
        created: "2025-10-09T08:53:20Z".to_owned(),
    };
    let mut inventory = Inventory::default();
    inventory.distribution = Some(bookworm());
    let read = debian::packages(STATUS, "/var/lib/dpkg/status", Some(&bookworm()));
    // The order in which packages are found says nothing.
    for package in read.packages.into_iter().rev() {
        inventory.add(package);
    }
    for place in ["/b/x-1.dist-info/METADATA", "/a/x-1.dist-info/METADATA"] {
        let metadata = b"Name: x\nVersion: 1\nLicense: Very free\n";
        inventory.add(python::package(metadata, None, place).expect("named"));
    }
    (subject, inventory)
}

#[test]
fn a_document_in_spdx() {
    let (subject, inventory) = example();
    let document = spdx::document(&subject, &inventory);
    assert_eq!(document["spdxVersion"], "SPDX-2.3");
    assert_eq!(document["creationInfo"]["created"], subject.created);
    let packages = document["packages"].as_array().expect("packages");
    assert_eq!(packages.len(), 1 + 5);
    let last = packages.last().expect("one");
    assert_eq!(
        last["sourceInfo"],
        "recorded in /a/x-1.dist-info/METADATA, /b/x-1.dist-info/METADATA"
    );
    // Words of its own are a licence of the document, with the words.
    let licence = &document["hasExtractedLicensingInfos"][0];
    assert_eq!(last["licenseDeclared"], licence["licenseId"]);
    assert_eq!(licence["extractedText"], "Very free");
    let ids = packages.iter().map(|one| one["SPDXID"].as_str());
    let ids: std::collections::BTreeSet<_> = ids.collect();
    assert_eq!(ids.len(), packages.len());
    let relations = document["relationships"].as_array().expect("relations");
    assert_eq!(relations.len(), packages.len());
}

#[test]
fn a_document_in_cyclonedx() {
    let (subject, inventory) = example();
    let document = cyclonedx::document(&subject, &inventory);
    assert_eq!(
        document["metadata"]["component"]["purl"],
        format!(
            "pkg:oci/app@{}?arch=amd64&repository_url=registry.example.com/shop/app&tag=1.2",
            subject.digest
        )
    );
    let components = document["components"].as_array().expect("components");
    let names: Vec<&str> = components
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "debian",
            "libselinux1",
            "libstdc++6",
            "passwd",
            "tzdata",
            "x"
        ]
    );
    let last = components.last().expect("one");
    assert_eq!(last["licenses"][0]["license"]["name"], "Very free");
    assert_eq!(
        last["evidence"]["occurrences"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn documents_are_told_apart_by_their_image_and_nothing_else() {
    let documents = [
        (
            spdx::document as fn(&Subject, &Inventory) -> Value,
            "/documentNamespace",
        ),
        (cyclonedx::document, "/serialNumber"),
    ];
    for (document, name) in documents {
        let (subject, inventory) = example();
        let first = document(&subject, &inventory);
        let (again, same) = example();
        assert_eq!(first.to_string(), document(&again, &same).to_string());
        let other = Subject {
            digest: Digest::of(b"another manifest"),
            ..subject
        };
        let second = document(&other, &inventory);
        assert!(first.pointer(name).is_some());
        assert_ne!(first.pointer(name), second.pointer(name));
    }
}
