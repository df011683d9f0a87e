//! What a process printed, a line at a time.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;

use super::pods::process;

/// A line that a process printed. The cluster does not keep apart standard output and standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, by the clock of its node.
    pub time: Timestamp,
    /// Which role or job.
    pub process: String,
    /// In which pod.
    pub pod: String,
    /// What, without its end.
    pub text: String,
}

/// Who prints lines.
pub struct Printer {
    process: String,
    /// The pod's name.
    pub pod: String,
}

impl Printer {
    /// A pod.
    pub fn of(pod: &Pod) -> Self {
        Self {
            process: process(pod),
            pod: pod.name_any(),
        }
    }

    /// From a line as the cluster gives it where it is asked for times: `2026-01-01T00:00:00.5Z TEXT`. None: it is not one.
    pub fn read(&self, line: &str) -> Option<Line> {
        let (time, text) = line.split_once(' ').unwrap_or((line, ""));
        Some(Line {
            time: time.parse().ok()?,
            process: self.process.clone(),
            pod: self.pod.clone(),
            text: text.to_owned(),
        })
    }
}
