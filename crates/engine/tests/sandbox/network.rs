//! Networks and doors.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use boatyard_engine::network::{Forwarder, Namespace, NetworkError, ProbeError, http, tcp};
use boatyard_engine::sandbox::Network;

use crate::world::{Case, On, World, chain};

pub const CASES: &[Case] = &[
    ("a sandbox joins a project's network", On::Namespaces, joins),
    (
        "a door passes data and half-closed ends",
        On::Namespaces,
        half_close,
    ),
    (
        "a door leads to a server that listens on ::1 only",
        On::Namespaces,
        version_six,
    ),
    ("a door has room for many connections", On::Namespaces, many),
    ("a door to nobody hangs up", On::Namespaces, nobody),
    (
        "a refused upload still gets its answer",
        On::Namespaces,
        early_answer,
    ),
    ("a closed door lets go of its port", On::Namespaces, closes),
    ("a port in use names its holder", On::Namespaces, in_use),
    ("probes tell who answers", On::Namespaces, probes),
];

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

fn namespace(world: &World) -> Namespace {
    Namespace::new(&world.host).unwrap_or_else(|error| panic!("{}", chain(&error)))
}

fn listen(inside: &Namespace, address: SocketAddr) -> (TcpListener, u16) {
    let listener = inside
        .run_inside(|| TcpListener::bind(address))
        .expect("inside")
        .expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    (listener, port)
}

fn joins(world: &World) {
    let inside = namespace(world);
    let (_listener, port) = listen(&inside, LOCAL);
    let mut spec = world.line(&format!("grep -c :$(printf %04X {port}) /proc/net/tcp"));
    spec.network = Network::Join(inside.path());
    assert_eq!(world.output(&spec), "1\n");
    spec.network = Network::Host;
    assert_eq!(world.run(&spec).1, "0\n");
    spec.network = Network::Join("/nonesuch".into());
    assert_eq!(
        world.start(&spec).expect_err("no such network").to_string(),
        "cannot join the network namespace /nonesuch"
    );
}

/// Answers one connection with what it sent, backwards, after its end.
fn reverse(listener: &TcpListener) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    bytes.reverse();
    stream.write_all(&bytes)
}

fn ask(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("connected");
    let mut reader = stream.try_clone().expect("a clone");
    std::thread::scope(|scope| {
        let answer = scope.spawn(move || {
            let mut answer = Vec::new();
            reader.read_to_end(&mut answer).map(|_| answer)
        });
        stream.write_all(bytes).expect("sent");
        stream.shutdown(Shutdown::Write).expect("half-closed");
        answer.join().expect("no panic").expect("an answer")
    })
}

fn half_close(world: &World) {
    let inside = namespace(world);
    let (listener, port) = listen(&inside, LOCAL);
    let door = Forwarder::listen(LOCAL, Some(&inside), port).expect("a door");
    for size in [0, 1, 65_536, 3_000_001] {
        let bytes: Vec<u8> = (0..size)
            .map(|number: u32| number.to_le_bytes()[0] ^ number.to_le_bytes()[2])
            .collect();
        std::thread::scope(|scope| {
            let server = scope.spawn(|| reverse(&listener));
            let mut answer = ask(door.address(), &bytes);
            answer.reverse();
            assert!(
                answer == bytes,
                "{size} bytes came back as {}",
                answer.len()
            );
            server.join().expect("no panic").expect("served");
        });
    }
}

fn version_six(world: &World) {
    let inside = namespace(world);
    let (listener, port) = listen(&inside, SocketAddr::from((Ipv6Addr::LOCALHOST, 0)));
    let door = Forwarder::listen(LOCAL, Some(&inside), port).expect("a door");
    std::thread::scope(|scope| {
        scope.spawn(|| reverse(&listener));
        assert_eq!(ask(door.address(), b"abc"), b"cba");
    });
}

fn many(world: &World) {
    const COUNT: usize = 300;
    let inside = namespace(world);
    let (listener, port) = listen(&inside, LOCAL);
    let door = Forwarder::listen(LOCAL, Some(&inside), port).expect("a door");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // All are open before the first is answered.
            let mut streams: Vec<TcpStream> = (0..COUNT)
                .map(|_| listener.accept().expect("a connection").0)
                .collect();
            for stream in &mut streams {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("a byte");
                stream.write_all(&byte).expect("answered");
            }
        });
        let mut callers: Vec<TcpStream> = (0..COUNT)
            .map(|_| TcpStream::connect(door.address()).expect("connected"))
            .collect();
        for (number, caller) in callers.iter_mut().enumerate() {
            caller.write_all(&number.to_le_bytes()[..1]).expect("sent");
        }
        for (number, caller) in callers.iter_mut().enumerate() {
            let mut bytes = Vec::new();
            caller.read_to_end(&mut bytes).expect("an answer");
            assert_eq!(bytes, &number.to_le_bytes()[..1]);
        }
    });
}

fn nobody(world: &World) {
    let inside = namespace(world);
    let door = Forwarder::listen(LOCAL, Some(&inside), 9).expect("a door");
    let mut stream = TcpStream::connect(door.address()).expect("connected");
    let outcome = stream.read(&mut [0; 8]);
    assert!(matches!(outcome, Ok(0) | Err(_)), "{outcome:?}");
}

fn early_answer(world: &World) {
    let inside = namespace(world);
    let (listener, port) = listen(&inside, LOCAL);
    let door = Forwarder::listen(LOCAL, Some(&inside), port).expect("a door");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().expect("a connection");
            stream.read_exact(&mut [0; 10]).expect("the beginning");
            stream.write_all(b"too large").expect("answered");
            stream.shutdown(Shutdown::Both).expect("hung up");
        });
        let mut stream = TcpStream::connect(door.address()).expect("connected");
        stream.write_all(b"0123456789").expect("sent");
        let mut answer = [0; 9];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!(&answer, b"too large");
    });
}

fn closes(world: &World) {
    let inside = namespace(world);
    let (listener, port) = listen(&inside, LOCAL);
    let door = Forwarder::listen(LOCAL, Some(&inside), port).expect("a door");
    let address = door.address();
    let mut open = TcpStream::connect(address).expect("connected");
    let (_server, _) = listener.accept().expect("it comes through");
    drop(door);
    assert!(matches!(open.read(&mut [0; 8]), Ok(0) | Err(_)));
    drop(Forwarder::listen(address, Some(&inside), port).expect("the port is free"));
}

fn in_use(world: &World) {
    let inside = namespace(world);
    let holder = TcpListener::bind(LOCAL).expect("a free port");
    let address = holder.local_addr().expect("bound");
    let error = Forwarder::listen(address, Some(&inside), 80).expect_err("it is in use");
    let NetworkError::PortInUse {
        holder: Some(found),
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(found.pid.unsigned_abs(), std::process::id());
    let expected = format!(
        "port {} of this machine is in use by cases (process {})",
        address.port(),
        found.pid
    );
    assert_eq!(error.to_string(), expected);
}

fn probes(world: &World) {
    let inside = namespace(world);
    let patience = Duration::from_secs(5);
    assert!(matches!(
        tcp(Some(&inside), 80, patience),
        Err(ProbeError::Connect { port: 80, .. })
    ));
    let (listener, port) = listen(&inside, LOCAL);
    tcp(Some(&inside), port, patience).expect("it listens");
    assert!(tcp(None, port, patience).is_err(), "it listens inside only");
    drop(listener.accept());
    for (answer, expected) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", Some(204)),
        ("hello\n", None),
    ] {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().expect("a connection");
                let mut request = [0; 21];
                stream.read_exact(&mut request).expect("a request");
                assert_eq!(&request, b"GET /healthz HTTP/1.0");
                stream.write_all(answer.as_bytes()).expect("answered");
            });
            let status = http(Some(&inside), port, "/healthz", patience);
            assert_eq!(status.ok(), expected);
        });
    }
    let slow = http(Some(&inside), port, "/", Duration::from_millis(50));
    assert!(matches!(slow, Err(ProbeError::Answer { .. })), "{slow:?}");
}
