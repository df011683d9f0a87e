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

impl Line {
    /// From a line as the cluster gives it where it is asked for times: `2026-01-01T00:00:00.5Z TEXT`. None: it is not one.
    pub fn read(pod: &Pod, line: &str) -> Option<Self> {
        let (time, text) = line.split_once(' ').unwrap_or((line, ""));
        Some(Self {
            time: time.parse().ok()?,
            process: process(pod),
            pod: pod.name_any(),
            text: text.to_owned(),
        })
    }
}
