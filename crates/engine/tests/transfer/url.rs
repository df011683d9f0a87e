//! `ADD` of downloads.

use std::sync::{Arc, Mutex};

use boatyard_engine::debian::Http;
use boatyard_engine::transfer::{Downloads, Place, Prepared, TransferError, prepare};
use boatyard_plan::digest::Digest;
use boatyard_plan::event::Event;

use super::server::{answer, serve};
use super::tar::{Tar, gzip};
use super::world::{World, lines, op};

fn add(world: &World, instruction: &str) -> Result<Prepared, TransferError> {
    add_with(world, instruction, world.downloads())
}

fn add_with(
    world: &World,
    instruction: &str,
    downloads: Downloads,
) -> Result<Prepared, TransferError> {
    let context = world.context();
    let place = Place::folder(&context, None);
    let downloads = downloads.with_client(Http::new(None, None));
    let parent = world.tree(&[&["there/"]]);
    prepare(&op(instruction), &place, &parent, &world.store, &downloads)
}

#[test]
fn downloads_land_under_the_name_of_their_url() {
    let (address, _) = serve(|path, _| match path {
        "/moved" => answer("302 Found", &["Location: /d/file.txt"], b""),
        _ => answer(
            "200 OK",
            &["Content-Disposition: attachment; filename=other"],
            b"text",
        ),
    });
    for (instruction, expected) in [
        ("ADD URL/d/file.txt /x", &["x@600=text"][..]),
        (
            "ADD URL/d/file.txt?a=b/c /x/",
            &["x/", "x/file.txt@600=text"],
        ),
        (
            "ADD URL/d/file.txt /there",
            &["there/", "there/file.txt@600=text"],
        ),
        ("ADD URL/moved /x/", &["x/", "x/moved@600=text"]),
        ("ADD URL/ /x/", &["x/", "x/__unnamed__@600=text"]),
        ("ADD --chmod=755 --chown=1:2 URL/f /x", &["x@755+1:2=text"]),
        (
            "ADD URL/a URL/b /x/",
            &["x/", "x/a@600=text", "x/b@600=text"],
        ),
    ] {
        let world = World::new();
        let prepared = add(&world, &instruction.replace("URL", &address)).unwrap();
        assert_eq!(lines(&prepared), expected, "{instruction}");
    }
}

#[test]
fn archives_are_unpacked_only_when_asked_to() {
    let archive = gzip(&Tar::default().file("a", "1").bytes());
    let (address, _) = serve(move |_, _| answer("200 OK", &[], &archive));
    let world = World::new();
    let copied = add(&world, &format!("ADD {address}/a.tgz /x/")).unwrap();
    assert!(lines(&copied)[1].starts_with("x/a.tgz@600="));
    let unpacked = add(&world, &format!("ADD --unpack=true {address}/a.tgz /x/")).unwrap();
    assert_eq!(lines(&unpacked), ["x/", "x/a@640+5:6=1"]);
}

#[test]
fn the_time_is_the_servers() {
    let (address, _) = serve(|path, _| {
        let modified = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
        match path {
            "/dated" => answer("200 OK", &[modified], b"text"),
            _ => answer("200 OK", &[], b"text"),
        }
    });
    let world = World::new();
    for (path, expected) in [("dated", 784_111_777), ("undated", 0)] {
        let prepared = add(&world, &format!("ADD {address}/{path} /x")).unwrap();
        assert_eq!(prepared.entries(None)[0].mtime, expected, "{path}");
    }
}

#[test]
fn what_the_server_still_has_is_not_sent_again() {
    let (address, requests) = serve(|_, knows| {
        if knows {
            answer("304 Not Modified", &["ETag: \"one\""], b"")
        } else {
            answer("200 OK", &["ETag: \"one\""], b"text")
        }
    });
    let world = World::new();
    let instruction = format!("ADD {address}/a /x");
    let first = add(&world, &instruction).unwrap();
    let second = add(&world, &instruction).unwrap();
    assert_eq!(first.key(), second.key());
    assert_eq!(lines(&second), ["x@600=text"]);
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[test]
fn checksums_are_held_against_what_came() {
    let (address, requests) = serve(|_, _| answer("200 OK", &[], b"text"));
    let right = Digest::of(b"text").to_string();
    let wrong = Digest::of(b"another").to_string();
    let long = "d9caa2ade40f42ba35b3f6a5ae3e0f7bcdc7fab6"; // 40 digits: of no algorithm that we know
    let world = World::new();
    let add = |checksum: &str| add(&world, &format!("ADD --checksum={checksum} {address}/a /x"));
    let count = || requests.lock().unwrap().len();
    assert_eq!(lines(&add(&right).unwrap()), ["x@600=text"]);
    assert_eq!(count(), 1);
    assert_eq!(lines(&add(&right).unwrap()), ["x@600=text"]);
    assert_eq!(count(), 1, "what is here is not asked for");
    let refused = add(&wrong);
    assert!(
        matches!(refused, Err(TransferError::WrongChecksum { .. })),
        "{refused:?}"
    );
    assert_eq!(count(), 2);
    for text in [long, "sha256:12", "md5:00", &right.to_uppercase()] {
        let refused = add(text);
        assert!(
            matches!(refused, Err(TransferError::BadChecksum { .. })),
            "{text}: {refused:?}"
        );
    }
    assert_eq!(count(), 2);
}

#[test]
fn a_download_that_breaks_off_is_tried_again() {
    let tries = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&tries);
    let (address, _) = serve(move |_, _| {
        let mut tries = counted.lock().unwrap();
        *tries += 1;
        let whole = answer("200 OK", &[], b"a text of some length");
        match *tries {
            1 => answer("503 Service Unavailable", &[], b""),
            2 => whole[..whole.len() - 5].to_vec(),
            _ => whole,
        }
    });
    let world = World::new();
    let prepared = add(&world, &format!("ADD {address}/a /x")).unwrap();
    assert_eq!(lines(&prepared), ["x@600=a text of some length"]);
    assert_eq!(*tries.lock().unwrap(), 3);
}

#[test]
fn what_is_not_there_is_said_so() {
    let (address, requests) = serve(|_, _| answer("404 Not Found", &[], b"no"));
    let world = World::new();
    let error = add(&world, &format!("ADD {address}/a /x")).unwrap_err();
    assert_eq!(error.to_string(), format!("{address}/a does not exist"));
    assert_eq!(requests.lock().unwrap().len(), 1, "it is not tried again");
}

#[test]
fn progress_is_told() {
    let (address, _) = serve(|_, _| answer("200 OK", &[], &vec![7; 300_000]));
    let world = World::new();
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let sink = Arc::clone(&events);
    let downloads = world.downloads().reporting(
        Arc::new(move |event| sink.lock().unwrap().push(event)),
        "stage/3",
    );
    add_with(&world, &format!("ADD {address}/big /x"), downloads).unwrap();
    let events = events.lock().unwrap();
    let Some(Event::Progress {
        id,
        done,
        total,
        note,
        ..
    }) = events.last()
    else {
        panic!("{events:?}");
    };
    assert_eq!((id.as_str(), note.as_str()), ("stage/3", "big"));
    assert_eq!((*done, *total), (300_000, Some(300_000)));
}
