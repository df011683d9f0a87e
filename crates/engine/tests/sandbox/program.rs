//! How programs start and end.

use std::io::{Read, Write};
use std::time::Duration;

use boatyard_engine::sandbox::{Program, Sandbox, SandboxError, Signal, Spec, Stdio};

use crate::ALL;
use crate::world::{Case, On, World};

pub const CASES: &[Case] = &[
    ("exit codes come through", ALL, exit_codes),
    ("a missing command is named, with 127", ALL, missing_command),
    (
        "a file that is no program is named, with 126",
        ALL,
        no_program,
    ),
    (
        "a missing working directory is named",
        ALL,
        missing_directory,
    ),
    ("the environment is exactly what is said", ALL, environment),
    (
        "PATH of the environment is searched inside",
        ALL,
        path_search,
    ),
    ("standard input and much output pass", ALL, streams),
    ("signals reach a program that handles them", ALL, signals),
    ("a killed program ends with 137", ALL, killed),
    (
        "no descriptor of ours is inherited",
        On::Namespaces,
        descriptors,
    ),
    ("an init reaps and forwards", On::Namespaces, init),
    ("many start at once from many threads", ALL, threads),
    ("starting takes little time", ALL, duration),
];

fn exit_codes(world: &World) {
    for code in [0, 1, 7, 255] {
        assert_eq!(world.run(&world.line(&format!("exit {code}"))).0, code);
    }
}

fn error(world: &World, program: Program) -> SandboxError {
    let before = world.listing();
    let error = world
        .start(&Spec::new(&world.root, program))
        .expect_err("it cannot start");
    world.looks_like(&before);
    error
}

fn missing_command(world: &World) {
    let missing = error(world, Program::new(["nonesuch"]));
    assert_eq!(missing.command_exit_code(), Some(127));
    assert!(
        missing
            .to_string()
            .starts_with("command not found: nonesuch (searched /usr"),
        "{missing}"
    );
    let missing = error(world, Program::new(["/bin/nonesuch"]));
    assert_eq!(missing.to_string(), "command not found: /bin/nonesuch");
    assert_eq!(
        error(world, Program::new([""])).command_exit_code(),
        Some(127)
    );
}

fn no_program(world: &World) {
    let refused = error(world, Program::new(["/etc/passwd"]));
    assert_eq!(refused.command_exit_code(), Some(126));
    assert_eq!(refused.to_string(), "cannot execute /etc/passwd");
}

fn missing_directory(world: &World) {
    let mut program = Program::new(["true"]);
    program.cwd = "/srv/nowhere".into();
    assert_eq!(
        error(world, program).to_string(),
        "cannot enter the working directory /srv/nowhere"
    );
}

fn environment(world: &World) {
    let mut program = Program::new(["/usr/bin/env"]);
    program.env = vec![("ONE".into(), "1".into()), ("EMPTY".into(), String::new())];
    assert_eq!(
        world.output(&Spec::new(&world.root, program)),
        "ONE=1\nEMPTY=\n"
    );
}

fn path_search(world: &World) {
    let mut program = Program::new(["true"]);
    program.env = vec![("PATH".into(), "/nowhere:/usr/bin".into())];
    assert_eq!(world.output(&Spec::new(&world.root, program.clone())), "");
    program.env = vec![("PATH".into(), "/nowhere".into())];
    assert_eq!(error(world, program).command_exit_code(), Some(127));
}

fn streams(world: &World) {
    let (input, mut writer) = std::io::pipe().expect("a pipe");
    let (mut reader, output) = std::io::pipe().expect("a pipe");
    let spec = world.line("cat; echo done >&2");
    let stdio = [input.into(), output.into(), Stdio::Null];
    let mut running = Sandbox::default()
        .spawn(&world.host, &spec, stdio)
        .expect("it starts");
    let text = "0123456789abcde\n".repeat(1 << 16);
    let sent = text.clone();
    let feeder = std::thread::spawn(move || writer.write_all(sent.as_bytes()));
    let mut received = String::new();
    reader.read_to_string(&mut received).expect("text");
    feeder.join().expect("no panic").expect("all is read");
    assert!(running.wait().expect("it ends").success());
    assert!(
        received == text,
        "{} of {} bytes came back",
        received.len(),
        text.len()
    );
}

fn signals(world: &World) {
    let spec = world.line("trap 'exit 3' TERM; echo ready; while :; do sleep 60 & wait; done");
    let (mut running, mut output) = world.start(&spec).expect("it starts");
    let mut ready = [0; 6];
    output.read_exact(&mut ready).expect("it is ready");
    assert_eq!(
        running.wait_timeout(Duration::ZERO).expect("no error"),
        None
    );
    running.handle().signal(Signal::TERM);
    assert_eq!(running.wait().expect("it ends").code, 3);
    running.signal(Signal::TERM);
    assert_eq!(
        running
            .wait_timeout(Duration::ZERO)
            .expect("no error")
            .map(|exit| exit.code),
        Some(3)
    );
}

fn killed(world: &World) {
    let (mut running, _output) = world
        .start(&world.line("sleep 60; true"))
        .expect("it starts");
    running.signal(Signal::KILL);
    assert_eq!(running.wait().expect("it ends").code, 137);
}

fn descriptors(world: &World) {
    let leaky = std::fs::File::open("/dev/null").expect("a file");
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).expect("it would be inherited");
    // The fourth is the folder itself.
    assert_eq!(
        world.output(&world.line("ls /proc/self/fd")),
        "0\n1\n2\n3\n"
    );
}

fn init(world: &World) {
    let mut spec = world.line("test $$ != 1 && echo not one; trap 'exit 5' TERM; echo ready; while :; do sleep 60 & wait; done");
    spec.init = true;
    let (mut running, mut output) = world.start(&spec).expect("it starts");
    let mut text = [0; 14];
    output.read_exact(&mut text).expect("it is ready");
    assert_eq!(&text, b"not one\nready\n");
    running.signal(Signal::TERM);
    assert_eq!(running.wait().expect("it ends").code, 5);
    let mut spec = world.line("(true & true) & exec sh -c 'exit 4'");
    spec.init = true;
    assert_eq!(world.run(&spec).0, 4);
    let mut spec = world.line("kill -KILL $$");
    spec.init = true;
    assert_eq!(world.run(&spec).0, 137);
}

fn threads(world: &World) {
    std::thread::scope(|scope| {
        for number in 0..6 {
            scope.spawn(move || {
                for round in 0..4 {
                    let text = format!("{number} {round}\n");
                    assert_eq!(
                        world.output(&world.line(&format!("echo {number} {round}"))),
                        text
                    );
                }
            });
        }
    });
}

fn duration(world: &World) {
    let spec = Spec::new(&world.root, Program::new(["true"]));
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let start = std::time::Instant::now();
            assert_eq!(world.run(&spec).0, 0);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "start to end of `true`: best {:.1?}, median {:.1?}",
        times[0], times[10]
    );
    assert!(
        times[0] < Duration::from_millis(100),
        "even a busy machine is faster"
    );
}
