//! What is sent to `/dev/log`.

use boatyard_init::log::syslog::{lines, message};
use boatyard_init::log::{Format, Origin};
use proptest::prelude::*;

#[test]
fn messages() {
    for (datagram, level, program, text) in [
        // syslog(3) of glibc, logger(1), Python's SysLogHandler, busybox.
        (
            "<11>Nov 28 14:00:00 backup[42]: disk is full",
            "err",
            "backup",
            "disk is full",
        ),
        (
            "<13>Nov  8 14:00:00 root: hello: you",
            "notice",
            "root",
            "hello: you",
        ),
        ("<14>hello\0", "info", "", "hello"),
        ("<14>app: hello\n", "info", "", "app: hello"),
        (
            "<85>Nov 28 14:00:00 this-host sudo: x",
            "notice",
            "sudo",
            "x",
        ),
        (
            "<30>Nov 28 14:00:00 just words: here",
            "info",
            "",
            "just words: here",
        ),
        ("<30>Nov 28 14:00:00 x:", "info", "x", ""),
        (
            "<165>1 2026-11-28T14:00:00.003Z host app 42 ID47 [a@1 k=\"v\\\"]\" l=\"w\"][b@1] \u{feff}An event",
            "notice",
            "app",
            "An event",
        ),
        ("<0>1 - - - - - - all is lost", "emerg", "", "all is lost"),
        ("<7>1 - - app - - -", "debug", "app", ""),
        // Nearly, but not quite.
        ("<192>x", "notice", "", "<192>x"),
        ("<>x", "notice", "", "<>x"),
        ("<1x>x", "notice", "", "<1x>x"),
        ("<12", "notice", "", "<12"),
        ("<12>1 too short", "warning", "", "1 too short"),
        (
            "<12>1 - - app - - [open text",
            "warning",
            "",
            "1 - - app - - [open text",
        ),
        ("", "notice", "", ""),
        ("two\nlines\n", "notice", "", "two\nlines"),
    ] {
        let found = message(datagram.as_bytes(), b"this-host");
        let shown = (found.level, found.program, found.text);
        assert_eq!(
            shown,
            (level, program.as_bytes(), text.as_bytes()),
            "{datagram:?}"
        );
    }
}

#[test]
fn forms() {
    let origin = Origin {
        role: "web",
        stream: "syslog",
        time: "T",
    };
    let found = message(b"<11>Nov 28 14:00:00 backup[42]: disk\nis full", b"");
    for (format, wanted) in [
        (Format::Raw, "err: backup: disk\nerr: backup: is full\n"),
        (
            Format::Prefix,
            "web | err: backup: disk\nweb | err: backup: is full\n",
        ),
        (
            Format::Json,
            "{\"time\":\"T\",\"role\":\"web\",\"stream\":\"syslog\",\"level\":\"err\",\"program\":\"backup\",\"message\":\"disk\\nis full\"}\n",
        ),
    ] {
        assert_eq!(lines(format, origin, &found), wanted.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(message(&bytes, b"host").text.len() <= bytes.len());
    }

    #[test]
    fn near_misses_do_no_harm(text in "<[0-9]{0,4}>?(1 )?([A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} )?[\\[\\]\"\\\\ a-z:=-]{0,60}") {
        let found = message(text.as_bytes(), b"");
        prop_assert!(text.as_bytes().ends_with(found.text));
    }
}
