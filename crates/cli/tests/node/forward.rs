//! Ports of pods, here.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::shop::Shop;
use crate::support::{alone, fail, http, text, wait_for};

/// Where it says that it listens: the address here, for each port there.
fn addresses(child: &mut Child, ports: &[u16]) -> Vec<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = |port: &u16| {
        let line = lines.next().expect("it ends before it listens").unwrap();
        let (address, remote) = line
            .strip_prefix("Forwarding from ")
            .and_then(|line| line.split_once(" -> "))
            .expect("it says it as kubectl does");
        assert_eq!(remote, port.to_string());
        address.to_owned()
    };
    ports.iter().map(address).collect()
}

/// Asks for the page once all others have their connection, too.
fn ask(address: &str, all: &Barrier) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    all.wait();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn ports_of_pods_are_here_also_when_the_pods_are_others() {
    let _alone = alone();
    let Some(shop) = Shop::open() else { return };
    let _inside = shop.cluster.enter();
    let namespace = shop.namespace.name();
    let words = |rest: &[&str]| {
        let place = [
            "port-forward",
            "--context",
            "kubetest",
            "--namespace",
            namespace,
        ];
        shop.command(&[&place, rest].concat())
    };
    let mut child = words(&["web", ":8080", ":9"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let addresses = addresses(&mut child, &[8080, 9]);
    let [web, nobody] = addresses.as_slice() else {
        panic!("two are asked for: {addresses:?}")
    };
    let all = Barrier::new(8);
    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| ask(web, &all))).collect();
        asked
            .into_iter()
            .map(|one| one.join().unwrap().unwrap())
            .collect()
    });
    for answer in answers {
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("</html>"),
            "{answer}"
        );
    }
    // Nothing listens there: told, and nothing else ends.
    let mut refused = TcpStream::connect(nobody).unwrap();
    refused
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    assert_eq!(refused.read(&mut [0; 1]).unwrap_or(0), 0);
    // Its port is taken now.
    let port = web.rsplit_once(':').unwrap().1;
    let err = fail(&mut words(&["web", &format!("{port}:8080")]), 3);
    assert!(
        err.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{err}"
    );
    let err = fail(&mut words(&["nobody", ":80"]), 2);
    assert!(err.contains("there is no pod of nobody"), "{err}");

    let kept = TcpStream::connect(web).unwrap();
    shop.kubectl(&[
        "-n",
        namespace,
        "delete",
        "pods",
        "-l",
        "app.kubernetes.io/component=web",
    ]);
    drop(kept);
    // Others come in their place.
    let url = format!("http://{web}");
    let status = wait_for("a pod in the place of the others", 60, || {
        http(&url, "GET", "/", "")
    });
    assert_eq!(status.0, 200);

    let mut open = TcpStream::connect(web).unwrap();
    open.set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    kill_process(
        Pid::from_raw(child.id().cast_signed()).unwrap(),
        Signal::INT,
    )
    .unwrap();
    let ended = child.wait_with_output().unwrap();
    let err = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{err}");
    assert!(
        err.contains("a connection to port 9 of web failed") && err.contains("refused"),
        "{err}"
    );
    assert_eq!(open.read(&mut [0; 1]).unwrap_or(0), 0);
    assert_eq!(
        TcpStream::connect(web).unwrap_err().kind(),
        io::ErrorKind::ConnectionRefused
    );
    shop.kubectl(&[
        "-n",
        namespace,
        "rollout",
        "status",
        "--timeout=120s",
        "deployment/guestbook-web",
    ]);
}
