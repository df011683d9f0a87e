//! A way out to some hosts only. What is outside here is a second network, made for the case.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as Local, UnixListener, UnixStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use boatyard_engine::network::{Only, Outlet, Refusal};

use crate::outlet::{OUTSIDE, Ways, client, echo, exchange};
use crate::world::{Case, On, World};

pub const CASES: &[Case] = &[(
    "some hosts are reached and nothing else is",
    On::Namespaces,
    only,
)];

/// Where names are asked for.
const NAMES: &str = "192.0.0.3:53";
/// An address that is private (RFC 1918), which the outside has, too.
const PRIVATE: &str = "10.77.0.1";
const PATIENCE: Duration = Duration::from_secs(20);

/// What a name is told to be, by a message written out by hand; `None`: there is no such name.
fn look_up(client: &UdpSocket, name: &str) -> Option<IpAddr> {
    let mut question = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(u8::try_from(label.len()).expect("short"));
        question.extend(label.as_bytes());
    }
    question.extend([0, 0, 1, 0, 1]);
    client.send_to(&question, NAMES).expect("sent");
    let mut bytes = [0; 512];
    let count = client.recv(&mut bytes).expect("an answer");
    assert_eq!(bytes[..2], [7, 7]);
    match bytes[3] & 15 {
        0 => {
            let address: [u8; 4] = bytes[count - 4..count].try_into().expect("four bytes");
            Some(IpAddr::from(address))
        }
        code => {
            assert_eq!(code, 3, "NXDOMAIN (RFC 1035, 4.1.1)");
            None
        }
    }
}

fn only(world: &World) {
    let addresses = [OUTSIDE, PRIVATE, "2001:db8::7"];
    let (told, refusals) = channel::<Refusal>();
    let Some(ways) = Ways::between(world, &addresses, |inside, outside| {
        let bind = || TcpListener::bind((OUTSIDE, 0)).expect("a free port");
        let listener = outside.run_inside(bind).expect("inside");
        let port = listener.local_addr().expect("bound").port();
        let sources = [format!("index.example:{port}"), "*.example.org".to_owned()];
        let sources = sources
            .iter()
            .map(|source| source.parse().expect("a source"));
        let only = Only::new(sources.collect(), move |refusal| {
            told.send(refusal).expect("it is awaited");
        });
        let only = only.with_names(|name| match name {
            "index.example" => vec![OUTSIDE.parse().expect("an address")],
            "inner.example.org" => vec![PRIVATE.parse().expect("an address")],
            "near.example.org" => vec![IpAddr::from([127, 0, 0, 1])],
            _ => Vec::new(),
        });
        let opened = outside.run_inside(|| Outlet::open_to(inside, only));
        opened.expect("inside").map(|way| (way, listener))
    }) else {
        return;
    };
    let (ways, index) = ways;
    let port = index.local_addr().expect("bound").port();
    let client = client(&ways);

    let found = look_up(&client, "Index.Example").expect("it is on the list");
    std::thread::scope(|scope| {
        scope.spawn(|| echo(&index, 1));
        let stream = ways.call((found, port).into()).expect("connected");
        assert_eq!(exchange(&stream, b"a wheel"), b"a wheel");
    });
    meant_for_another(&ways, &index, found);
    for name in [
        "evil.example",
        "inner.example.org",
        "near.example.org",
        "secret.evil.example",
    ] {
        assert_eq!(look_up(&client, name), None, "{name}");
    }
    nothing_else(&ways, &index, found);
    directly(&ways, &client);
    told_of(&refusals, port);
}

/// A request for another host at the same address does not get there.
fn meant_for_another(ways: &Ways, index: &TcpListener, found: IpAddr) {
    let port = index.local_addr().expect("bound").port();
    std::thread::scope(|scope| {
        let heard = scope.spawn(|| {
            let (mut stream, _) = index.accept().expect("a caller");
            let mut bytes = Vec::new();
            // It may be reset: what came before counts.
            let _ = stream.read_to_end(&mut bytes);
            bytes
        });
        let mut stream = ways.call((found, port).into()).expect("connected");
        let request = b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n";
        stream.write_all(request).expect("sent");
        let error = stream.read(&mut [0; 8]).expect_err("it is cut");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(heard.join().expect("no panic"), b"");
    });
}

/// All that listens outside, called by its address: nobody is there, and nobody was called.
fn nothing_else(ways: &Ways, index: &TcpListener, found: IpAddr) {
    let six = "2001:db8::7";
    let listen = |address: &str| -> TcpListener {
        let bound = ways.outside.run_inside(|| TcpListener::bind((address, 0)));
        bound.expect("inside").expect("a free port")
    };
    let hidden: Vec<TcpListener> = ["127.0.0.1", "::1", PRIVATE, OUTSIDE, six]
        .map(listen)
        .into();
    let mut called: Vec<SocketAddr> = hidden
        .iter()
        .chain([index])
        .map(|listener| listener.local_addr().expect("bound"))
        .collect();
    called.extend(
        ["169.254.169.254:80", "192.0.0.1:80", "192.0.0.3:53"]
            .map(|to| to.parse::<SocketAddr>().expect("an address")),
    );
    called.push((found, called[0].port()).into());
    for address in called {
        let error = ways.call(address).expect_err("nothing is there");
        let expected = if address.is_ipv6() && !address.ip().is_loopback() {
            ErrorKind::NetworkUnreachable
        } else {
            ErrorKind::ConnectionRefused
        };
        assert_eq!(error.kind(), expected, "{address}");
    }
    for listener in hidden {
        listener.set_nonblocking(true).expect("set");
        let error = listener.accept().expect_err("nobody called");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    // A socket without a file belongs to a network (unix(7)).
    let name = Local::from_abstract_name(b"boatyard-test-only").expect("short");
    let bound = ways.outside.run_inside(|| UnixListener::bind_addr(&name));
    let _bound = bound.expect("inside").expect("the name is free");
    let error = ways.inside.run_inside(|| UnixStream::connect_addr(&name));
    let error = error.expect("inside").expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

/// A name server that is asked past ours hears nothing: the question after it, to ours, is answered and this one is not.
fn directly(ways: &Ways, client: &UdpSocket) {
    let server = ways.outside.run_inside(|| UdpSocket::bind((OUTSIDE, 53)));
    let server = server.expect("inside").expect("the port is free");
    client.send_to(b"secret", (OUTSIDE, 53)).expect("sent");
    assert_eq!(look_up(client, "other.example"), None);
    server.set_nonblocking(true).expect("set");
    let error = server.recv(&mut [0; 64]).expect_err("nothing came");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

fn told_of(refusals: &Receiver<Refusal>, port: u16) {
    let mut lines = Vec::new();
    let last = "other.example was asked for, which is not among the sources of this build";
    while lines.last().is_none_or(|line| line != last) {
        let refusal = refusals.recv_timeout(PATIENCE).expect("it was told");
        lines.push(refusal.to_string());
    }
    for expected in [
        "evil.example was asked for, which is not among the sources of this build",
        "inner.example.org is 10.77.0.1 for this machine, an address that is not reached under that name",
        "near.example.org is 127.0.0.1 for this machine, an address that is not reached under that name",
        "a connection to index.example was for evil.example, which is not the host that was called",
        "169.254.169.254 was called at port 80, which is not among the sources of this build",
        &format!(
            "{OUTSIDE} was called at port {port}, which is not among the sources of this build"
        ),
        &format!("{OUTSIDE} was called at port 53, which is not among the sources of this build"),
    ] {
        assert!(
            lines.iter().any(|line| line == expected),
            "{expected:?} not in {lines:#?}"
        );
    }
}
