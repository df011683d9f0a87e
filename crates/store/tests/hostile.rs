//! Archives from those who mean harm: nothing leaves the folder, nothing grows without bounds.

mod archive;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use archive::{entry, pax, sized};
use boatyard_store::layer::{Devices, LayerError, Limits, Owners, Stats, Style, Unpack, unpack};

/// What unpacking must come to.
#[derive(Clone, Copy)]
enum Expected {
    /// An error whose message holds this.
    Error(&'static str),
    /// This path within the folder, which is no link.
    Made(&'static str),
}
use Expected::{Error, Made};

/// Archives as text: `file NAME`, `dir NAME`, `link NAME TARGET`, `hard NAME TARGET`, one after the other.
const WAYS_OUT: [(&str, Expected); 24] = [
    ("file ../evil", Error("leads out")),
    ("file a/../../evil", Error("leads out")),
    ("file /evil", Made("evil")),
    ("link l /outside; file l/evil", Made("outside/evil")),
    ("link l ../../outside; file l/evil", Made("outside/evil")),
    (
        "link a b; link b /outside; file a/evil",
        Made("outside/evil"),
    ),
    (
        "link a b; link b a; file a/evil",
        Error("cannot create folder"),
    ),
    (
        "link l /proc/self/cwd; file l/evil",
        Made("proc/self/cwd/evil"),
    ),
    ("link l /outside/kept; file l", Made("l")),
    ("link l /outside; dir l; file l/evil", Made("l/evil")),
    (
        "dir d; file d/a; link d ../outside; file d/evil",
        Made("outside/evil"),
    ),
    ("hard h ../outside/kept", Error("leads out")),
    ("hard h /outside/kept", Error("has no target")),
    ("link l ../outside; hard h l/kept", Error("has no target")),
    ("link l ../outside/kept; hard h l; file h", Made("h")),
    ("dir d; hard h d", Error("has no target")),
    ("file h; hard h h", Error("has no target")),
    ("file a; file a", Made("a")),
    ("dir a; file a/b; file a", Made("a")),
    ("file a; file a/b", Error("cannot create folder")),
    ("file .wh...", Error("leads out")),
    ("file a/.wh.", Error("leads out")),
    ("file ./", Error("checksum")),
    ("link x ../outside; dir x/sub", Made("outside/sub")),
];

fn parse(text: &str) -> Vec<u8> {
    let entries = text.split("; ").map(|line| {
        let words: Vec<_> = line.split(' ').map(str::as_bytes).collect();
        match words[..] {
            [b"file", name] => entry(b'0', name, b"", b"evil"),
            [b"dir", name] => entry(b'5', name, b"", b""),
            [b"link", name, target] => entry(b'2', name, target, b""),
            [b"hard", name, target] => entry(b'1', name, target, b""),
            _ => panic!("{line}"),
        }
    });
    entries.collect::<Vec<_>>().concat()
}

/// Headers and sizes that lie.
fn lies() -> Vec<(Vec<u8>, Expected)> {
    let with = |header: Vec<u8>| [header, entry(b'0', b"x", b"", b"evil")].concat();
    let many = (0..200).map(|n| entry(b'0', format!("f{n}").as_bytes(), b"", b""));
    let redirect = pax("SCHILY.xattr.trusted.overlay.redirect", b"/outside");
    let long_name = entry(b'L', b"l", b"", b"../evil\0");
    let cut_record = entry(b'x', b"a", b"", b"999 path=x\n");
    // Headers for another entry than the one that stands there.
    let linked = |target: &[u8]| [pax("linkpath", target), entry(b'1', b"h", b"a", b"")].concat();
    let mut global = pax("path", b"../evil");
    global[156] = b'g';
    global[148..156].fill(b' ');
    let sum: u32 = global[..512].iter().map(|&b| u32::from(b)).sum();
    global[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let twice = [pax("path", b"ok"), pax("path", b"../evil")].concat();
    vec![
        (with(pax("path", b"../evil")), Error("leads out")),
        (with(pax("path", b"a\0b")), Error("leads out")),
        (with(long_name), Error("leads out")),
        (
            with(pax("size", b"99999999999999999999")),
            Error("no number"),
        ),
        (with(pax("size", b"-1")), Error("no number")),
        (with(cut_record), Error("not well formed")),
        (linked(b"../outside/kept"), Error("leads out")),
        (linked(b"/outside/kept"), Error("has no target")),
        // As Go's tar has it: a path for all entries means nothing.
        (with(global), Made("x")),
        (with(twice), Error("leads out")),
        (
            with(pax("GNU.sparse.name", b"../evil")),
            Error("sparse files"),
        ),
        (with(redirect), Made("x")),
        (entry(b'3', b"null", b"", b""), Error("device node")),
        (entry(b'V', b"x", b"", b""), Error("no standard knows")),
        (sized(b'0', b"a", b"", b"x", 100_000), Error("cut off")),
        (
            sized(b'0', b"a", b"", b"x", 8_000_000_000),
            Error("more than"),
        ),
        (
            sized(b'x', b"a", b"", b"", 5_000_000_000),
            Error("in one header"),
        ),
        (
            sized(b'L', b"a", b"", b"", 5_000_000_000),
            Error("in one header"),
        ),
        (
            many.collect::<Vec<_>>().concat(),
            Error("more than 100 entries"),
        ),
        (vec![7; 4096], Error("checksum")),
        (Vec::new(), Error("cut off")),
    ]
}

fn limits() -> Limits {
    Limits {
        entries: 100,
        bytes: 10_000_000,
        ..Limits::default()
    }
}

fn run(archive: &[u8], dest: &Path, style: Style) -> Result<Stats, LayerError> {
    let how = Unpack {
        style,
        limits: limits(),
        owners: Owners::Ours,
        devices: Devices::Refuse,
    };
    unpack(archive, dest, &how)
}

#[test]
fn no_archive_gets_out_of_its_folder() {
    let written = WAYS_OUT.map(|(text, expected)| (text.to_owned(), parse(text), expected));
    let lies = lies().into_iter().enumerate();
    let lies =
        lies.map(|(number, (archive, expected))| (format!("lie {number}"), archive, expected));
    for (name, archive, expected) in written.into_iter().chain(lies) {
        for style in [Style::Flat, Unpack::snapshot().style] {
            let home = tempfile::tempdir().unwrap();
            let outside = home.path().join("outside");
            let dest = home.path().join("dest");
            fs::create_dir(&outside).unwrap();
            fs::create_dir(&dest).unwrap();
            fs::write(outside.join("kept"), "good").unwrap();
            let result = run(&archive, &dest, style);
            let what = format!("{name} ({style:?}): {result:?}");
            match (&result, expected) {
                (Ok(_), Made(path)) => {
                    let found = fs::symlink_metadata(dest.join(path));
                    assert!(found.is_ok_and(|found| !found.is_symlink()), "{what}");
                }
                (Err(error), Error(part)) => assert!(error.to_string().contains(part), "{what}"),
                _ => panic!("{what}"),
            }
            assert_eq!(fs::read_to_string(outside.join("kept")).unwrap(), "good");
            assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "{what}");
            assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "{what}");
            // The same, cut off, ends without a panic and stays inside too.
            let cut = &archive[..archive.len() * 2 / 3];
            let again = home.path().join("again");
            fs::create_dir(&again).unwrap();
            let _ = run(cut, &again, style);
            assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "{what}, cut");
        }
    }
}

#[test]
fn attributes_of_overlayfs_are_not_taken_over() {
    let home = tempfile::tempdir().unwrap();
    let names = [
        "trusted.overlay.redirect",
        "user.overlay.opaque",
        "trusted.overlay.opaque",
    ];
    let mut archive: Vec<u8> = names
        .iter()
        .enumerate()
        .flat_map(|(number, name)| {
            let folder = format!("d{number}/");
            let header = pax(&format!("SCHILY.xattr.{name}"), b"y");
            [header, entry(b'5', folder.as_bytes(), b"", b"")].concat()
        })
        .collect();
    archive.extend([0; 1024]);
    let stats = run(&archive, home.path(), Style::Flat).unwrap();
    assert_eq!((stats.entries, stats.xattrs_left_out), (3, 0));
    for number in 0..3 {
        let mut names = [0; 256];
        let folder = home.path().join(format!("d{number}"));
        assert_eq!(rustix::fs::llistxattr(&folder, &mut names[..]).unwrap(), 0);
    }
}

#[test]
fn bombs_stop_at_the_limit() {
    let zeros = vec![0; 1 << 20];
    let mut archive = sized(b'0', b"bomb", b"", b"", 200 << 20);
    for _ in 0..200 {
        archive.extend_from_slice(&zeros);
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&archive).unwrap();
    let zstd = zstd::encode_all(&archive[..], 1).unwrap();
    // A tail of zeros after the end mark is a bomb as well.
    let mut tail = entry(b'0', b"a", b"", b"x");
    tail.extend_from_slice(&[0; 1024]);
    for _ in 0..200 {
        tail.extend_from_slice(&zeros);
    }
    let tail = zstd::encode_all(&tail[..], 1).unwrap();
    for packed in [gzip.finish().unwrap(), zstd, tail] {
        assert!(packed.len() < 2 << 20);
        let home = tempfile::tempdir().unwrap();
        let stopped = run(&packed, home.path(), Style::Flat).unwrap_err();
        assert!(matches!(stopped, LayerError::OverLimit { .. }), "{stopped}");
    }
}

#[test]
fn what_is_packed_in_too_few_bytes_is_a_bomb_long_before_the_limit() {
    let file = |content: &[u8]| {
        let mut archive = entry(b'0', b"file", b"", content);
        archive.extend_from_slice(&[0; 1024]);
        archive
    };
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        // Knuth's MMIX.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(8_000_000)
    .collect();
    let zeros = vec![0; 8_000_000];
    let how = Unpack {
        limits: Limits {
            ratio: 20,
            any_ratio_bytes: 4_000_000,
            ..Limits::default()
        },
        owners: Owners::Ours,
        devices: Devices::Refuse,
        ..Unpack::flat()
    };
    let run = |packed: &[u8]| unpack(packed, tempfile::tempdir().unwrap().path(), &how);
    assert!(run(&file(&zeros)).is_ok(), "not packed at all");
    assert!(run(&zstd::encode_all(&file(&noise)[..], 1).unwrap()).is_ok());
    assert!(run(&zstd::encode_all(&file(&zeros[..3_000_000])[..], 1).unwrap()).is_ok());
    let stopped = run(&zstd::encode_all(&file(&zeros)[..], 1).unwrap()).unwrap_err();
    assert!(
        matches!(
            stopped,
            LayerError::OverLimit {
                limit: 4_000_000,
                ..
            }
        ),
        "{stopped}"
    );
}

#[test]
fn a_sparse_bomb_counts_its_holes() {
    let mut block = sized(b'S', b"hole", b"", b"", 0);
    block[483..494].copy_from_slice(b"77777777777");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&b| u32::from(b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let home = tempfile::tempdir().unwrap();
    let stopped = run(&block, home.path(), Style::Flat).unwrap_err();
    assert!(matches!(stopped, LayerError::OverLimit { .. }), "{stopped}");
}
