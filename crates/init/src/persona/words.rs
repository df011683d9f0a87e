//! Signals in words, as glibc has them (strsignal(3)): the programs that we stand in for print those, whatever C library is in
//! our file.

use crate::signal::Signal;

/// In the order of their numbers, which are the same on all processors that we build for; the first is 1.
const WORDS: [&str; 31] = [
    "Hangup",
    "Interrupt",
    "Quit",
    "Illegal instruction",
    "Trace/breakpoint trap",
    "Aborted",
    "Bus error",
    "Floating point exception",
    "Killed",
    "User defined signal 1",
    "Segmentation fault",
    "User defined signal 2",
    "Broken pipe",
    "Alarm clock",
    "Terminated",
    "Stack fault",
    "Child exited",
    "Continued",
    "Stopped (signal)",
    "Stopped",
    "Stopped (tty input)",
    "Stopped (tty output)",
    "Urgent I/O condition",
    "CPU time limit exceeded",
    "File size limit exceeded",
    "Virtual timer expired",
    "Profiling timer expired",
    "Window changed",
    "I/O possible",
    "Power failure",
    "Bad system call",
];

/// A signal in words.
pub fn of_signal(signal: Signal) -> String {
    let number = signal.number();
    let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
    match WORDS.get(index) {
        Some(words) => (*words).to_owned(),
        None if number < FIRST_REAL_TIME => format!("Unknown signal {number}"),
        None => format!("Real-time signal {}", number - FIRST_REAL_TIME),
    }
}

/// Those before it belong to the C library's threads.
const FIRST_REAL_TIME: i32 = 34;
