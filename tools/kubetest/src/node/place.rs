//! The namespaces of a node.

use std::fs::File;
use std::marker::PhantomData;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{io, thread};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::settings::ADDRESS;
use crate::child::{Child, Keeper};

const SCRIPT: &str = include_str!("place.sh");
/// How long they may take to be made.
const PATIENCE: Duration = Duration::from_secs(60);

/// Namespaces that exist as long as this process.
pub struct Place {
    network: File,
    holder: Child,
}

/// This thread, and what it starts, is in the node's network until this is dropped.
pub struct Inside {
    outside: File,
    /// It is of this thread.
    _thread: PhantomData<*const ()>,
}

impl Place {
    /// Makes them; files are in `folder`.
    pub fn make(keeper: &Keeper, folder: &Path) -> io::Result<Self> {
        let ready = folder.join("place");
        let folder = folder.to_owned();
        let mut holder = keeper.run(move || {
            let mut words = [
                "unshare",
                "--net",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "--",
                "sh",
                "-c",
                SCRIPT,
                "place.sh",
            ]
            .map(str::to_owned)
            .to_vec();
            words.push(folder.display().to_string());
            words.push(ADDRESS.to_owned());
            Child::start("place", &words, &folder)
        })?;
        let begin = Instant::now();
        while !ready.exists() {
            if !holder.runs() || begin.elapsed() > PATIENCE {
                let message = format!("no namespaces for a node: {}", holder.last_lines());
                return Err(io::Error::other(message));
            }
            thread::sleep(Duration::from_millis(10));
        }
        let network = File::open(format!("/proc/{}/ns/net", holder.id()))?;
        Ok(Self { network, holder })
    }

    /// What comes before the words of a program that is to run in the network only.
    pub fn in_network(&self) -> Vec<String> {
        [
            "nsenter".to_owned(),
            self.link("net", "net"),
            "--".to_owned(),
        ]
        .to_vec()
    }

    /// What comes before those of one that is to run in all namespaces.
    pub fn in_all(&self) -> Vec<String> {
        [
            "nsenter".to_owned(),
            self.link("net", "net"),
            self.link("mount", "mnt"),
            // That of the holder's child, the first in it.
            self.link("pid", "pid_for_children"),
            "--".to_owned(),
        ]
        .to_vec()
    }

    fn link(&self, flag: &str, name: &str) -> String {
        format!("--{flag}=/proc/{}/ns/{name}", self.holder.id())
    }

    /// Moves this thread into the network.
    pub fn enter(&self) -> io::Result<Inside> {
        let outside = File::open("/proc/thread-self/ns/net")?;
        enter(&self.network)?;
        Ok(Inside {
            outside,
            _thread: PhantomData,
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        enter(&self.outside).expect("who could leave a network can come back");
    }
}

fn enter(network: &File) -> io::Result<()> {
    Ok(move_into_link_name_space(
        network.as_fd(),
        Some(LinkNameSpaceType::Network),
    )?)
}
