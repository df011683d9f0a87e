use super::*;

fn module(path: &str, size: u64) -> Entry {
    Entry {
        size,
        mtime: 7,
        ..Entry::new(path, Kind::File, 0o644)
    }
}

const SITE: &str = "opt/venv/lib/python3.11/site-packages";

#[test]
fn modules_are_what_import_finds() {
    for (path, expected) in [
        ("opt/venv/lib/python3.11/site-packages/a.py", true),
        ("opt/venv/lib/pypy3.10/site-packages/a/b.py", true),
        ("opt/venv/lib/python3.11/site-packages/a.pyi", false),
        ("opt/venv/lib/python3.11/site-packages/.py", false),
        ("opt/venv/lib/python3.11/other/a.py", false),
        ("opt/venv/bin/activate_this.py", false),
        ("usr/lib/python3.11/site-packages/a.py", false),
    ] {
        assert_eq!(is_module(&module(path, 1)), expected, "{path}");
    }
    let link = Kind::Symlink {
        target: "/etc/shadow".into(),
    };
    assert!(!is_module(&Entry::new(format!("{SITE}/a.py"), link, 0o777)));
}

#[test]
fn batches_get_smaller_and_miss_nothing() {
    let sizes = [1 << 20; 12].into_iter().chain([5 << 20, 100, 0, 300_000]);
    let entries: Vec<Entry> = sizes
        .enumerate()
        .map(|(at, size)| module(&format!("{SITE}/{at:02}.py"), size))
        .collect();
    let batches = batches(&entries);
    let counts: Vec<usize> = batches.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 2, 2, 2, 2, 2, 1, 3]);
    let all: Vec<&Entry> = batches.into_iter().flatten().collect();
    assert_eq!(all, entries.iter().collect::<Vec<_>>());
}

#[test]
fn records_are_not_believed() {
    let modules = [module("a/x.py", 1), module("a/y.py", 1)];
    let batch: Vec<&Entry> = modules.iter().collect();
    let found = |text: &[u8]| {
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, text).expect("room");
        std::io::Seek::rewind(&mut file).expect("a file");
        let compiled = read(file, &batch).ok()?;
        let entries = compiled
            .into_iter()
            .map(|part| filled(part.entry, &part.file, part.at));
        Some(entries.map(|entry| (entry.path, entry.content)).collect())
    };
    let entry = |path: &str, text: &[u8]| {
        let content = boatyard_store::layer::Content::Bytes(text.into());
        (PathBuf::from(path), content)
    };
    for (text, expected) in [
        (&b""[..], Some(vec![])),
        (
            b"0 3 x.c.pyc\n0 \n1 1 y.c.pyc\nB",
            Some(vec![
                entry("a/__pycache__/x.c.pyc", b"0 \n"),
                entry("a/__pycache__/y.c.pyc", b"B"),
            ]),
        ),
        (
            b"1 1 y.c.pyc\nB",
            Some(vec![entry("a/__pycache__/y.c.pyc", b"B")]),
        ),
        // Twice, in another order, or of another batch.
        (b"0 1 x.pyc\nA0 1 x.pyc\nA", None),
        (b"1 1 y.pyc\nB0 1 x.pyc\nA", None),
        (b"2 1 z.pyc\nC", None),
        // Longer than the file.
        (b"0 2 x.pyc\nA", None),
        (b"0 18446744073709551615 x.pyc\nA", None),
        // No name of bytecode.
        (b"0 1 ../x.pyc\nA", None),
        (b"0 1 x\0.pyc\nA", None),
        (b"0 1 passwd\nA", None),
        (b"0 1\nA", None),
        (b"-1 1 x.pyc\nA", None),
        (b"0 1 x.pyc", None),
        (&[b'0'; 2000], None),
    ] {
        assert_eq!(found(text), expected, "{}", text.escape_ascii());
    }
}

#[test]
fn only_files_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    std::fs::write(path.join("0"), "").expect("a file");
    std::os::unix::fs::symlink("/etc/passwd", path.join("1")).expect("a link");
    let pipe = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, path.join("2"), pipe, Mode::RWXU, 0).expect("a pipe");
    std::fs::create_dir(path.join("3")).expect("a folder");
    let opened: Vec<bool> = (0..5)
        .map(|name| open(path, &name.to_string()).is_ok())
        .collect();
    assert_eq!(opened, [true, false, false, false, false]);
}

#[test]
fn bytecode_takes_the_place_of_what_a_package_brought() {
    let mut file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut file, b"....new").expect("room");
    let file = Arc::new(file);
    let compiled = |path: &str, size| Compiled {
        entry: module(path, size),
        file: Arc::clone(&file),
        at: 4,
    };
    let bytecode = Bytecode {
        modules: vec![
            compiled("a/__pycache__/x.pyc", 3),
            compiled("b/__pycache__/y.pyc", 99),
        ],
    };
    let entries = ["a", "a/__pycache__", "b"].map(|path| Entry::directory(path, 0o700));
    let old = Entry::file("a/__pycache__/x.pyc", 0o600, *b"old");
    let entries = entries.into_iter().chain([old, module("a/x.py", 0)]);
    let found: Vec<Entry> = bytecode.among(entries.collect()).collect();
    let shown: Vec<_> = found
        .iter()
        .map(|entry| (entry.path.to_str().unwrap_or("?"), entry.mode, entry.mtime))
        .collect();
    assert_eq!(
        shown,
        [
            ("a", 0o700, 0),
            ("a/__pycache__", 0o700, 0),
            ("a/__pycache__/x.pyc", 0o644, 7),
            ("a/x.py", 0o644, 7),
            ("b", 0o700, 0),
            ("b/__pycache__", 0o755, 7),
            ("b/__pycache__/y.pyc", 0o644, 7),
        ]
    );
    let content = boatyard_store::layer::Content::Bytes((*b"new").into());
    assert_eq!(found[2].content, content);
    // It cannot be read: the writer of a layer sees that 99 bytes are missing.
    assert_eq!(found[6].content, boatyard_store::layer::Content::None);
}

/// The script makes what Python itself makes, in any number of processes.
#[test]
fn it_is_the_bytecode_that_python_makes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let sources: [(&str, &[u8]); 6] = [
        ("empty", b""),
        (
            "plain",
            b"'''Text.'''\nimport os\ndef f(x): return {'a', 'b', x, 1.5, None}\n",
        ),
        ("warns", b"x = 1 is 1\n"),
        ("template", b"{{ name }} = (\n"),
        ("nul", b"x = 1\0\n"),
        ("latin", b"# -*- coding: latin-1 -*-\nx = '\xe4'\n"),
    ];
    let modules: Vec<Entry> = sources
        .iter()
        .map(|(name, text)| {
            let at = path.join(format!("{name}.py"));
            std::fs::write(&at, text).expect("room");
            module(copy::relative(&at).to_str().expect("a text"), 1)
        })
        .collect();
    let modules: Vec<&Entry> = modules.iter().collect();
    let batches = modules.chunks(4).map(<[_]>::to_vec).collect::<Vec<_>>();
    let python = |words: &[&str]| std::process::Command::new("python3").args(words).output();
    let expected = r"
import py_compile, sys
for name in sys.argv[1:]:
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    print(py_compile.compile(name, quiet=2, invalidation_mode=mode) or '')
";
    let names: Vec<String> = modules
        .iter()
        .map(|module| format!("/{}", module.path.display()))
        .collect();
    let words = ["-W", "ignore", "-I", "-S", "-c", expected];
    let words: Vec<&str> = words
        .into_iter()
        .chain(names.iter().map(String::as_str))
        .collect();
    let Ok(done) = python(&words) else {
        println!("not run: python3 is not here");
        return;
    };
    let said = String::from_utf8(done.stdout).expect("paths");
    let expected: Vec<(PathBuf, Vec<u8>)> = said
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            (
                copy::relative(Path::new(line)),
                std::fs::read(line).expect("bytecode"),
            )
        })
        .collect();
    assert_eq!(expected.len(), 4, "{said}");
    for processes in ["1", "3"] {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("sources"), super::sources(&batches)).expect("room");
        let at = folder.path().to_str().expect("a text");
        let done = python(&["-I", "-S", "-c", SCRIPT, at, processes]).expect("python3");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.is_empty(), "{said}");
        let found: Vec<(PathBuf, Vec<u8>)> = batches
            .iter()
            .enumerate()
            .flat_map(|(number, batch)| {
                let file = open(folder.path(), &number.to_string()).expect("records");
                read(file, batch).expect("records")
            })
            .map(|part| match filled(part.entry, &part.file, part.at) {
                Entry {
                    path,
                    content: boatyard_store::layer::Content::Bytes(bytes),
                    ..
                } => (path, bytes.to_vec()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(found, expected, "{processes} processes");
    }
}
