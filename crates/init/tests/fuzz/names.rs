//! Readers of what tells addresses.

use boatyard_init::probe::Dependency;
use boatyard_init::resolve::{Config, Kind, Reply, addresses, question, reply};

use crate::damage::damaged;

/// Bytes of one record at least: a pointer, the head, an address.
const RECORD_BYTES: usize = 16;

#[test]
fn answers() {
    // Inputs are text, so a top bit is written as another byte: `!` for that of an answer, `@` for that of a pointer.
    let record = |kind: char, data: &str| {
        let length = char::from(u8::try_from(data.len()).unwrap());
        format!("@\u{c}\0{kind}\0\u{1}\0\0\0<\0{length}{data}")
    };
    let asked = question(7, "db.shop", Kind::A).unwrap();
    let head = "\0\u{7}!\0\0\u{1}\0\u{2}\0\0\0\0\u{2}db\u{4}shop\0\0\u{1}\0\u{1}";
    let two = format!(
        "{head}{}{}",
        record('\u{5}', "\u{1}x@\u{c}"),
        record('\u{1}', "abcd")
    );
    let six = format!("{head}{}", record('\u{1c}', "abcdefghijklmnop"));
    let words = [
        "@\u{c}", "@\0", "\0\u{1}", "?", "\0\u{4}", "!\u{3}", "#\0", "\u{3f}",
    ];
    damaged("dns_answer", &[&two, &six, head], &words, |bytes| {
        let bytes: Vec<u8> = bytes
            .iter()
            .map(|&byte| match byte {
                b'!' => 0x81,
                b'#' => 0x83,
                b'@' => 0xc0,
                byte => byte,
            })
            .collect();
        for kind in [Kind::A, Kind::Aaaa] {
            if let Reply::Addresses(found) = reply(&bytes, &asked, kind) {
                assert!(found.len() * RECORD_BYTES <= bytes.len(), "{found:?}");
            }
        }
    });
}

#[test]
fn files_and_words() {
    let good = [
        "search a.b c\nnameserver 10.0.0.1\nnameserver ::1\noptions ndots:5 timeout:2 attempts:3\ndomain x\n",
        "127.0.0.1 localhost\n::1 db db.shop # x\n",
    ];
    let words = [
        "nameserver ",
        "options ",
        "ndots:",
        "99",
        ":",
        ".",
        "#",
        "\n",
        "search ",
    ];
    damaged("resolv_conf", &good, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let config = Config::parse(&text);
        assert!((1..=3).contains(&config.servers.len()) && config.attempts > 0);
        for name in config.candidates("db") {
            let _ = question(1, &name, Kind::Aaaa);
        }
        let _ = addresses(&text, "db");
    });
    let good = ["tcp://db:5432", "http://[::1]:80/x?y", "file:///a b"];
    damaged(
        "dependency",
        &good,
        &["tcp://", "http://", "file:", ":", "[", "]", "/", "?"],
        |bytes| {
            if let Some(dependency) = Dependency::parse(&String::from_utf8_lossy(bytes)) {
                assert_eq!(Dependency::parse(&dependency.text), Some(dependency));
            }
        },
    );
}
