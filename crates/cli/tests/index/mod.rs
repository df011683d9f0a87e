//! A Python index on the loopback device, and wheels to put there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// A wheel with these files, as the index would have it (Python packaging specifications, "Binary distribution format").
pub fn wheel(name: &str, version: &str, metadata: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let info = format!("{name}-{version}.dist-info");
    let mut all = vec![
        (
            format!("{info}/METADATA"),
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"),
        ),
        (
            format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
                .to_owned(),
        ),
    ];
    all.extend(
        files
            .iter()
            .map(|(path, text)| (path.replace("INFO", &info), (*text).to_owned())),
    );
    let record: Vec<String> = all.iter().map(|(path, _)| format!("{path},,\n")).collect();
    let record = record.concat();
    all.push((
        format!("{info}/RECORD"),
        format!("{record}{info}/RECORD,,\n"),
    ));
    zip(&all)
}

/// A zip whose files are not compressed (PKWARE's APPNOTE, 4.3).
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (path, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let (offset, length) = (
            u32::try_from(bytes.len()).unwrap(),
            u32::try_from(text.len()).unwrap(),
        );
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x58];
        for number in [crc.sum(), length, length] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(path.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(path.as_bytes());
        bytes.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((0o100_644_u32 << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let at = u32::try_from(bytes.len()).unwrap();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// An index on the loopback device that has one wheel, for those who know the password. Its port.
pub fn index(project: &'static str, file: &'static str, wheel: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let wheel = wheel.clone();
            std::thread::spawn(move || answer(stream, project, file, &wheel));
        }
    });
    port
}

fn answer(mut stream: TcpStream, project: &str, file: &str, wheel: &[u8]) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?)
        .lines()
        .map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    // "user:s3cret"
    let known = lines
        .take_while(|line| !line.is_empty())
        .any(|line| line.ends_with("Basic dXNlcjpzM2NyZXQ="));
    let (status, kind, body) = if !known {
        ("401 Unauthorized", "text/plain", Vec::new())
    } else if path == format!("/simple/{project}/") {
        (
            "200 OK",
            "text/html",
            format!("<a href=\"/files/{file}\">{file}</a>").into_bytes(),
        )
    } else if path == format!("/files/{file}") {
        ("200 OK", "application/octet-stream", wheel.to_vec())
    } else {
        ("404 Not Found", "text/plain", Vec::new())
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\
         WWW-Authenticate: Basic realm=\"index\"\r\n\r\n"
    )
    .ok()?;
    stream.write_all(&body).ok()
}
