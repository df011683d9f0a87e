//! What a program sees of files, and what it leaves behind.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use boatyard_engine::sandbox::{Bind, SandboxError, ShownFile, Spec, Tmpfs};

use crate::ALL;
use crate::world::{Case, On, World};

pub const CASES: &[Case] = &[
    ("the root is as it was after a run", ALL, no_traces),
    ("what the program writes stays", ALL, writes_stay),
    ("binds are seen, and obey read-only", ALL, binds),
    ("a missing bind is named", ALL, missing_bind),
    ("symlinks of the root lead nothing out of it", ALL, symlinks),
    (
        "a dangling symlink can be a mount point",
        On::Namespaces,
        dangling,
    ),
    ("tmpfs is empty and has its mode", ALL, tmpfs),
    ("shown files are seen and not written", ALL, shown),
    (
        "a read-only root cannot be written",
        On::Namespaces,
        read_only,
    ),
    (
        "mounts inside are not seen outside",
        On::Namespaces,
        private_mounts,
    ),
    ("devices work", ALL, devices),
    (
        "terminals and shared memory are there",
        On::Namespaces,
        terminals,
    ),
    (
        "a writable folder has one user at a time",
        On::Chroot,
        one_user,
    ),
];

fn full(world: &World, line: &str) -> Spec {
    let source = world.scratch.path().join("bound");
    fs::create_dir_all(source.join("deep")).expect("a folder");
    fs::write(source.join("deep/file"), "from here\n").expect("a file");
    let mut spec = world.line(line);
    spec.binds = vec![
        Bind {
            source: source.clone(),
            target: "/srv/new/folder".into(),
            readonly: true,
        },
        Bind {
            source: source.join("deep/file"),
            target: "/srv/new/file".into(),
            readonly: true,
        },
    ];
    spec.tmpfs = vec![
        Tmpfs {
            target: "/tmp".into(),
            size_bytes: Some(1 << 20),
            mode: 0o1777,
        },
        Tmpfs {
            target: "/run/lock".into(),
            size_bytes: None,
            mode: 0o755,
        },
    ];
    spec.files = vec![
        ShownFile::text("/etc/hosts", "127.0.0.1 db\n"),
        ShownFile::text("/etc/passwd", "shown\n"),
    ];
    spec
}

fn no_traces(world: &World) {
    let before = world.listing();
    let spec = full(
        world,
        "cat /srv/new/folder/deep/file /srv/new/file /etc/hosts /etc/passwd",
    );
    assert_eq!(
        world.output(&spec),
        "from here\nfrom here\n127.0.0.1 db\nshown\n"
    );
    world.looks_like(&before);
}

fn writes_stay(world: &World) {
    let spec = full(world, "echo mine >/srv/new/kept; echo gone >/tmp/gone");
    assert_eq!(world.output(&spec), "");
    assert_eq!(
        fs::read_to_string(world.root.join("srv/new/kept")).expect("it is there"),
        "mine\n"
    );
    assert!(!world.root.join("tmp/gone").exists() && !world.root.join("srv/new/folder").exists());
    fs::remove_dir_all(world.root.join("srv")).expect("clean up");
}

fn binds(world: &World) {
    let folder = world.scratch.path().join("writable");
    fs::create_dir_all(folder.join("below")).expect("a folder");
    let mut spec = full(
        world,
        "echo written >/data/file && ls /data && ! echo no >/srv/new/folder/no",
    );
    if On::Chroot.permits(world).is_ok() {
        // Copies are writable, and nobody keeps them.
        spec = full(world, "echo written >/data/file && ls /data");
    }
    spec.binds.push(Bind {
        source: folder.clone(),
        target: "/data".into(),
        readonly: false,
    });
    let (code, text) = world.run(&spec);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("below\nfile\n"), "{text}");
    assert_eq!(
        fs::read_to_string(folder.join("file")).expect("it is here"),
        "written\n"
    );
    assert!(
        !fs::symlink_metadata(&folder)
            .expect("it is here")
            .is_symlink()
    );
    assert!(!world.scratch.path().join("bound/no").exists());
}

fn missing_bind(world: &World) {
    let before = world.listing();
    let mut spec = world.line("true");
    let source = world.scratch.path().join("missing");
    spec.binds.push(Bind {
        source: source.clone(),
        target: "/data".into(),
        readonly: true,
    });
    let error = world.start(&spec).expect_err("nothing to bind");
    assert_eq!(
        error.to_string(),
        format!("cannot show {} at /data", source.display())
    );
    world.looks_like(&before);
}

fn symlinks(world: &World) {
    let outside = world.scratch.path().join("outside");
    fs::create_dir_all(&outside).expect("a folder");
    let ups = "../".repeat(20);
    symlink(
        format!("{ups}{}", outside.display()),
        world.root.join("escape"),
    )
    .expect("a symlink");
    symlink(&outside, world.root.join("absolute")).expect("a symlink");
    let mut spec = world.line("cat /escape/a /absolute/b");
    spec.files = vec![
        ShownFile::text("/escape/a", "a\n"),
        ShownFile::text("/absolute/b", "b\n"),
    ];
    let before = world.listing();
    assert_eq!(world.output(&spec), "a\nb\n");
    assert_eq!(fs::read_dir(&outside).expect("it is there").count(), 0);
    world.looks_like(&before);
    fs::remove_file(world.root.join("escape")).expect("clean up");
    fs::remove_file(world.root.join("absolute")).expect("clean up");
}

fn dangling(world: &World) {
    symlink(
        "../run/resolve/stub.conf",
        world.root.join("etc/resolv.conf"),
    )
    .expect("a symlink");
    let before = world.listing();
    let mut spec = world.line("cat /etc/resolv.conf");
    spec.files = vec![ShownFile::text("/etc/resolv.conf", "nameserver ::1\n")];
    assert_eq!(world.output(&spec), "nameserver ::1\n");
    world.looks_like(&before);
    symlink("loop", world.root.join("loop")).expect("a symlink");
    spec.files[0].path = "/loop/file".into();
    let error = world.start(&spec).expect_err("a loop has no end");
    assert!(matches!(error, SandboxError::MountPoint { .. }), "{error}");
    fs::remove_file(world.root.join("etc/resolv.conf")).expect("clean up");
    fs::remove_file(world.root.join("loop")).expect("clean up");
}

fn tmpfs(world: &World) {
    fs::write(world.root.join("tmp/hidden"), "").expect("a file");
    let spec = full(world, "ls /tmp; stat -c %a /tmp /run/lock");
    assert_eq!(world.output(&spec), "1777\n755\n");
    fs::remove_file(world.root.join("tmp/hidden")).expect("it is back");
}

fn shown(world: &World) {
    let spec = full(
        world,
        "echo more >>/etc/hosts; cat /etc/hosts; stat -c %a /etc/hosts",
    );
    assert_eq!(world.output(&spec), "127.0.0.1 db\nmore\n644\n");
    assert!(!world.root.join("etc/hosts").exists());
}

fn read_only(world: &World) {
    let mut spec = full(
        world,
        "touch /tmp/yes /dev/shm/yes && ! touch /etc/no && ! touch /no",
    );
    spec.readonly = true;
    let (code, text) = world.run(&spec);
    assert_eq!(code, 0, "{text}");
    assert!(!world.root.join("no").exists());
}

fn private_mounts(world: &World) {
    let mounts = || fs::read_to_string("/proc/self/mountinfo").expect("our mounts");
    let before = mounts();
    let (mut running, mut output) = world
        .start(&full(world, "echo ready; sleep 60"))
        .expect("it starts");
    std::io::Read::read_exact(&mut output, &mut [0; 6]).expect("it is ready");
    assert_eq!(mounts(), before);
    let inside =
        fs::read_to_string(format!("/proc/{}/mountinfo", running.pid())).expect("its mounts");
    assert!(inside.contains(" /srv/new/folder "), "{inside}");
    // Nothing of this machine is mounted inside but what was asked for (and /sys, where there can be no other).
    let foreign = inside
        .lines()
        .filter(|line| line.contains(" /home") || line.contains(" /mnt"));
    assert_eq!(foreign.count(), 0, "{inside}");
    running.kill();
    assert_eq!(running.wait().expect("it ends").code, 137);
    assert_eq!(mounts(), before);
}

fn devices(world: &World) {
    let line =
        "echo gone >/dev/null && test -c /dev/zero -a -c /dev/urandom && stat -c %a /dev/null";
    assert_eq!(world.output(&world.line(line)), "666\n");
    let line = "echo gone >/dev/null && wc -c </dev/null";
    assert_eq!(world.output(&world.container(line)), "0\n");
}

fn terminals(world: &World) {
    let line = "test -c /dev/ptmx && test -d /dev/pts && touch /dev/shm/x && echo out >/dev/stdout && echo err >/dev/stderr";
    assert_eq!(world.output(&world.container(line)), "out\nerr\n");
}

fn one_user(world: &World) {
    let folder = world.scratch.path().join("volume");
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("its mode");
    let mut spec = world.line("echo ready; sleep 60");
    spec.binds = vec![Bind {
        source: folder.clone(),
        target: "/data".into(),
        readonly: false,
    }];
    let (running, mut output) = world.start(&spec).expect("it starts");
    std::io::Read::read_exact(&mut output, &mut [0; 6]).expect("it is ready");
    let mut other = world.line("true");
    other.binds = vec![Bind {
        source: folder.clone(),
        target: "/other".into(),
        readonly: false,
    }];
    let error = world.start(&other).expect_err("somebody has it");
    assert_eq!(
        error.to_string(),
        format!("cannot show {} at /other", folder.display())
    );
    drop(running);
    assert!(fs::symlink_metadata(&folder).expect("it is home").is_dir());
    // As after a power cut: the folder is in a root, and a symlink in its place.
    let away = world.root.join("away");
    fs::rename(&folder, &away).expect("moved");
    symlink(format!("/.{}", away.display()), &folder).expect("a symlink");
    boatyard_engine::sandbox::recover(&folder).expect("recovered");
    assert!(fs::symlink_metadata(&folder).expect("it is home").is_dir() && !away.exists());
}
