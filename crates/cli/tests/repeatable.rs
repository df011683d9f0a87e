//! The same input gives the same images; what is outside the project is not in them.

mod support;

use support::{alone, boatyard, copy_folder, digests, kept_home, new_home, root, succeed};

#[test]
fn two_clean_builds_give_the_same_digests() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let guestbook = folder.path().join("guestbook");
    copy_folder(&root().join("examples/guestbook"), &guestbook);
    succeed(boatyard(&kept_home(), &guestbook).arg("build"));

    let epoch = [("SOURCE_DATE_EPOCH", "1760000000")];
    let first_home = new_home();
    let first = digests(first_home.path(), &guestbook, &epoch);
    assert!(first.len() >= 3, "{first:?}");

    // The second build sees another certificate bundle, a proxy-free environment and a copy of the sources.
    let copy = folder.path().join("copy");
    copy_folder(&guestbook, &copy);
    let bundle = folder.path().join("bundle.pem");
    let mut text = boatyard_engine::build::ca_bundle()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .unwrap_or_default();
    text.push_str(PRIVATE_AUTHORITY);
    std::fs::write(&bundle, text).unwrap();
    let second_home = new_home();
    let second = digests(
        second_home.path(),
        &copy,
        &[
            epoch[0],
            ("SSL_CERT_FILE", bundle.to_str().unwrap()),
            ("no_proxy", "nowhere.invalid"),
        ],
    );
    assert_eq!(first, second);
    // Nothing changed: nothing is done, and the digests are the same.
    assert_eq!(digests(first_home.path(), &guestbook, &epoch), first);
}

/// A self-signed certificate that stands for a company's own authority.
const PRIVATE_AUTHORITY: &str = "
-----BEGIN CERTIFICATE-----
MIIBozCCAUmgAwIBAgIUK8Bve0Mkc9RZsEg0K8Oizgnhp3cwCgYIKoZIzj0EAwIw
JjEkMCIGA1UEAwwbUHJpdmF0ZSBBdXRob3JpdHkgb2YgYSBUZXN0MCAXDTI2MTEy
MTA1MjkxMloYDzIxMjYxMDI4MDUyOTEyWjAmMSQwIgYDVQQDDBtQcml2YXRlIEF1
dGhvcml0eSBvZiBhIFRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATuZFMG
G6fPmYBRbBbhL3Iv1ibngEdjE7l7aJG7SDQOlNP0jTlT5Rh9GDNf+0ErIYrmG9Ul
wSCPhmVsQpaHcFrvo1MwUTAdBgNVHQ4EFgQUI5o4uWznh485t/FJtk/7uxp4J+kw
HwYDVR0jBBgwFoAUI5o4uWznh485t/FJtk/7uxp4J+kwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiBbojPKUxW25RT0By2R0r/IwTZwuCZjCldSo5re
mG1NPgIhAMkNeRwr//99iCDhUlF/HWAPzb10Hp80QejBaUtFQnb6
-----END CERTIFICATE-----
";
