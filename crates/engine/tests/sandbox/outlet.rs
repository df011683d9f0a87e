//! The way out of a network. What is outside here is a second network, made for the case.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Duration;

use boatyard_engine::network::{Namespace, NetworkError, Outlet};

use crate::world::{Case, On, World, chain};

pub const CASES: &[Case] = &[
    (
        "streams go out and come back whole",
        On::Namespaces,
        streams,
    ),
    ("many streams go out at once", On::Namespaces, many),
    (
        "a refusal outside is a refusal inside",
        On::Namespaces,
        refusals,
    ),
    ("a break outside is a break inside", On::Namespaces, breaks),
    (
        "names are asked of the machine's server",
        On::Namespaces,
        names,
    ),
    ("datagrams find their way back", On::Namespaces, datagrams),
    ("a closed way out is gone", On::Namespaces, closes),
];

/// An address for documentation (RFC 5737), which the outside has on its loopback device.
pub const OUTSIDE: &str = "198.51.100.7";
const PATIENCE: Duration = Duration::from_secs(20);

/// A network, and what is outside of it.
pub struct Ways {
    pub inside: Namespace,
    pub outside: Namespace,
    way: Outlet,
}

impl Ways {
    fn open(world: &World) -> Option<Self> {
        let resolver = world.scratch.path().join("resolv.conf");
        std::fs::write(&resolver, format!("nameserver {OUTSIDE}\n")).expect("written");
        let opened = Self::between(world, &[OUTSIDE], |inside, outside| {
            let opened = outside.run_inside(|| Outlet::open(inside, &resolver));
            opened.expect("inside").map(|way| (way, ()))
        });
        opened.map(|(ways, ())| ways)
    }

    /// With these addresses outside, and a way that is made so; what else is made with it. `None`, and why, where this
    /// machine permits none.
    pub fn between<T>(
        world: &World,
        addresses: &[&str],
        open: impl FnOnce(&Namespace, &Namespace) -> Result<(Outlet, T), NetworkError>,
    ) -> Option<(Self, T)> {
        let namespace =
            || Namespace::new(&world.host).unwrap_or_else(|error| panic!("{}", chain(&error)));
        let (inside, outside) = (namespace(), namespace());
        for address in addresses {
            let bits = if address.contains(':') { 128 } else { 32 };
            let given = outside.run_inside(|| {
                Command::new("ip")
                    .args(["address", "add", &format!("{address}/{bits}"), "dev", "lo"])
                    .status()
            });
            match given.expect("inside") {
                Ok(status) if status.success() => {}
                outcome => {
                    println!("not run: no address can be given to a network ({outcome:?})");
                    return None;
                }
            }
        }
        match open(&inside, &outside) {
            Ok((way, more)) => Some((
                Self {
                    inside,
                    outside,
                    way,
                },
                more,
            )),
            Err(error) => {
                println!("not run: {}", chain(&error));
                None
            }
        }
    }

    fn listener(&self) -> TcpListener {
        let bound = self
            .outside
            .run_inside(|| TcpListener::bind((OUTSIDE, 0)).expect("a free port"));
        bound.expect("inside")
    }

    fn datagrams(&self, port: u16) -> UdpSocket {
        let bound = self
            .outside
            .run_inside(|| UdpSocket::bind((OUTSIDE, port)).expect("a free port"));
        let socket = bound.expect("inside");
        socket.set_read_timeout(Some(PATIENCE)).expect("set");
        socket
    }

    pub fn call(&self, address: SocketAddr) -> std::io::Result<TcpStream> {
        let stream = self
            .inside
            .run_inside(|| TcpStream::connect_timeout(&address, PATIENCE))
            .expect("inside")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

fn pattern(size: u32) -> Vec<u8> {
    let byte = |number: u32| number.to_le_bytes()[0] ^ number.to_le_bytes()[2];
    (0..size).map(byte).collect()
}

/// Sends `bytes`, says that it was all, and gives what came until the other end said so.
pub fn exchange(mut stream: &TcpStream, bytes: &[u8]) -> Vec<u8> {
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut answer = Vec::new();
            let mut stream = stream;
            stream.read_to_end(&mut answer).map(|_| answer)
        });
        stream.write_all(bytes).expect("sent");
        stream.shutdown(Shutdown::Write).expect("half-closed");
        reading.join().expect("no panic").expect("an answer")
    })
}

/// Answers connections with what they sent, after its end.
pub fn echo(listener: &TcpListener, connections: usize) {
    for _ in 0..connections {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("all of it");
        stream.write_all(&bytes).expect("sent");
    }
}

fn streams(world: &World) {
    let Some(ways) = Ways::open(world) else {
        return;
    };
    let listener = ways.listener();
    let address = listener.local_addr().expect("bound");
    for size in [0, 1, 65_536, 3_000_001] {
        let bytes = pattern(size);
        std::thread::scope(|scope| {
            scope.spawn(|| echo(&listener, 1));
            let stream = ways.call(address).expect("connected");
            let answer = exchange(&stream, &bytes);
            assert!(
                answer == bytes,
                "{size} bytes came back as {}",
                answer.len()
            );
        });
    }
}

fn many(world: &World) {
    // Fewer than wait in the queue of a listener of the standard library, which is 128.
    const COUNT: usize = 100;
    let Some(ways) = Ways::open(world) else {
        return;
    };
    let listener = ways.listener();
    let address = listener.local_addr().expect("bound");
    std::thread::scope(|scope| {
        scope.spawn(|| echo(&listener, COUNT));
        let streams: Vec<TcpStream> = (0..COUNT)
            .map(|_| ways.call(address).expect("connected"))
            .collect();
        for (number, stream) in streams.iter().enumerate() {
            let bytes = number.to_string().into_bytes();
            assert_eq!(exchange(stream, &bytes), bytes);
        }
    });
}

fn refusals(world: &World) {
    let Some(ways) = Ways::open(world) else {
        return;
    };
    let closed = ways.listener().local_addr().expect("bound");
    // A server on the outside's loopback, which is out of bounds by any name.
    let hidden = ways
        .outside
        .run_inside(|| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    let port = hidden
        .as_ref()
        .expect("inside")
        .local_addr()
        .expect("bound")
        .port();
    let nobody = [
        closed,
        SocketAddr::from(([192, 0, 0, 1], port)),
        SocketAddr::from(([192, 0, 0, 3], port)),
        SocketAddr::from(([127, 0, 0, 1], port)),
    ];
    for address in nobody {
        let error = ways.call(address).expect_err("nobody listens");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{address}");
    }
    // No route leads there from the outside.
    let nowhere = SocketAddr::from(([203, 0, 113, 1], 80));
    let error = ways.call(nowhere).expect_err("it has no route");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

fn breaks(world: &World) {
    let Some(ways) = Ways::open(world) else {
        return;
    };
    let listener = ways.listener();
    let mut stream = ways
        .call(listener.local_addr().expect("bound"))
        .expect("connected");
    let (mut server, _) = listener.accept().expect("a caller");
    stream.write_all(b"question").expect("sent");
    server.read_exact(&mut [0]).expect("something came");
    // Closed with data unread: a reset (RFC 1122, 4.2.2.13).
    drop(server);
    let error = stream.read(&mut [0; 8]).expect_err("no proper end");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

fn ask(client: &UdpSocket, server: &UdpSocket, to: SocketAddr, size: u32) {
    let question = pattern(size);
    client.send_to(&question, to).expect("sent");
    let mut bytes = vec![0; 65_535];
    let (count, from) = server.recv_from(&mut bytes).expect("it arrives");
    assert!(bytes[..count] == question, "{size} bytes arrived");
    bytes[..count].reverse();
    server.send_to(&bytes[..count], from).expect("sent");
    let (count, from) = client.recv_from(&mut bytes).expect("an answer");
    bytes[..count].reverse();
    assert!(
        bytes[..count] == question && from == to,
        "{size} bytes came back"
    );
}

pub fn client(ways: &Ways) -> UdpSocket {
    let bound = ways
        .inside
        .run_inside(|| UdpSocket::bind("0.0.0.0:0").expect("a free port"));
    let client = bound.expect("inside");
    client.set_read_timeout(Some(PATIENCE)).expect("set");
    client
}

fn names(world: &World) {
    let Some(ways) = Ways::open(world) else {
        return;
    };
    let to = SocketAddr::from(([192, 0, 0, 3], 53));
    ask(&client(&ways), &ways.datagrams(53), to, 40);
    let over_tcp = ways
        .outside
        .run_inside(|| TcpListener::bind((OUTSIDE, 53)).expect("the port is free"));
    let over_tcp = over_tcp.expect("inside");
    std::thread::scope(|scope| {
        scope.spawn(|| echo(&over_tcp, 1));
        let stream = ways.call(to).expect("connected");
        assert_eq!(exchange(&stream, b"question"), b"question");
    });
}

fn datagrams(world: &World) {
    let Some(ways) = Ways::open(world) else {
        return;
    };
    let (server, client) = (ways.datagrams(0), client(&ways));
    let to = server.local_addr().expect("bound");
    for size in [0, 1, 1472, 9000, 65_000] {
        ask(&client, &server, to, size);
    }
}

fn closes(world: &World) {
    let Some(Ways {
        inside,
        outside: _outside,
        way,
    }) = Ways::open(world)
    else {
        return;
    };
    let devices = || {
        let text = inside.run_inside(|| std::fs::read_to_string("/proc/thread-self/net/dev"));
        text.expect("inside").expect("the list of devices")
    };
    assert!(devices().contains("out:"), "{}", devices());
    drop(way);
    assert!(!devices().contains("out:"), "{}", devices());
}
