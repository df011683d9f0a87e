//! `/proc/PID/stat` (`proc_pid_stat(5)`).

/// What the kernel says of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessStat {
    pub(crate) name: String,
    /// `R`, `S`, `D`, `Z`, ...
    pub(crate) state: char,
    pub(crate) parent: i32,
    /// Processor time, ticks.
    pub(crate) ticks: u64,
}

/// What it says of `pid`; `None`: it is gone.
pub(crate) fn read(pid: i32) -> Option<ProcessStat> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The process that started it, or inherited it; `None`: it is gone.
pub(crate) fn parent(pid: i32) -> Option<i32> {
    read(pid).map(|found| found.parent)
}

/// The name may hold anything, parentheses as well.
fn parse(line: &str) -> Option<ProcessStat> {
    let (start, rest) = line.rsplit_once(')')?;
    let (_, name) = start.split_once('(')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(ProcessStat {
        name: name.to_owned(),
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(11)? + number(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_anything() {
        let line = "7 (a) (b) S 3 1 1 0 -1 4194560 1 2 3 4 5 6 0 0 20 0 1";
        let expected = ProcessStat {
            name: "a) (b".to_owned(),
            state: 'S',
            parent: 3,
            ticks: 11,
        };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("1 (a"), None);
        let own = i32::try_from(std::process::id()).expect("a process number");
        assert!(parent(own).is_some_and(|parent| parent != own));
    }
}
