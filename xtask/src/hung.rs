//! What a program that hangs is doing: its threads, of which that of a test has the first 15 bytes of its name, and the processes below it.

use std::fs;
use std::path::{Path, PathBuf};

/// How deep processes below it are followed.
const DEPTH: usize = 8;

/// A line for each thread of the process with this id, and for each process below it.
pub fn doing(process: u32) -> Vec<String> {
    let mut lines = Vec::new();
    for task in tasks(process) {
        lines.push(format!("{}: {}", read(&task.join("comm")), state(&task)));
    }
    below(process, DEPTH, &mut |child| {
        let folder = Path::new("/proc").join(child.to_string());
        let words = read(&folder.join("cmdline")).replace('\0', " ");
        lines.push(format!("{child} {}: {}", words.trim_end(), state(&folder)));
    });
    lines
}

/// Tells of each process below this one, the nearest first.
fn below(process: u32, depth: usize, tell: &mut dyn FnMut(u32)) {
    let children = tasks(process)
        .iter()
        .map(|task| read(&task.join("children")))
        .collect::<Vec<_>>()
        .join(" ");
    for child in children.split_whitespace().filter_map(|id| id.parse().ok()) {
        tell(child);
        if depth > 0 {
            below(child, depth - 1, tell);
        }
    }
}

/// The folders of its threads.
fn tasks(process: u32) -> Vec<PathBuf> {
    let folder = format!("/proc/{process}/task");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The function of the kernel that a thread or a process waits in.
fn state(folder: &Path) -> String {
    match read(&folder.join("wchan")).as_str() {
        "" | "0" => "runs".to_owned(),
        function => format!("waits in {function}"),
    }
}

/// What is in a file of a process, nothing once it has ended.
fn read(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    use std::{process, thread};

    use super::doing;

    #[test]
    fn a_thread_has_its_name_and_a_child_its_words() {
        let mut child = Command::new("sh")
            .args(["-c", "echo is here; read nothing; :"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(said.next().unwrap().unwrap(), "is here");
        let named = thread::Builder::new().name("of_a_test".to_owned());
        let lines = named.spawn(|| doing(process::id())).unwrap().join();
        child.kill().unwrap();
        child.wait().unwrap();
        let lines = lines.unwrap();
        assert!(lines.iter().any(|line| line.starts_with("of_a_test: ")));
        let id = child.id().to_string();
        let of_child = lines.iter().find(|line| line.starts_with(&id)).unwrap();
        assert!(of_child.contains("read nothing"), "{of_child}");
    }
}
