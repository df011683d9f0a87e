//! Limits, from trees of control groups as kernels show them.

use std::fs;

use boatyard_init::environment::{Limits, limits};

const V2: &str = "0::/\n";
const V2_DEEP: &str = "0::/pod/web\n";
const V1: &str = "9:name=systemd:/docker/x\n4:memory:/docker/x\n1:cpu,cpuacct:/docker/x\n";
const HYBRID: &str = "4:memory:/job\n1:cpu:/\n0::/\n";

/// A name, the groups of the process, files and their content, and what is found: processors, bytes.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    u64,
    Option<u64>,
);

const MIB: u64 = 1 << 20;

const ROWS: &[Row] = &[
    ("nothing to read", V2, &[], 8, None),
    (
        "version 2, none",
        V2,
        &[("cpu.max", "max 100000"), ("memory.max", "max")],
        8,
        None,
    ),
    (
        "500m is 1",
        V2,
        &[("cpu.max", "50000 100000"), ("memory.max", "134217728\n")],
        1,
        Some(128 * MIB),
    ),
    ("2500m is 2", V2, &[("cpu.max", "250000 100000")], 2, None),
    (
        "more than there is",
        V2,
        &[("cpu.max", "6400000 100000")],
        8,
        None,
    ),
    (
        "the pod's limit is smaller",
        V2_DEEP,
        &[
            ("pod/cpu.max", "300000 100000"),
            ("pod/web/cpu.max", "max 100000"),
            ("pod/web/memory.max", "9"),
        ],
        3,
        Some(9),
    ),
    (
        "a group out of our namespace",
        "0::/../../x\n",
        &[("cpu.max", "400000 100000")],
        4,
        None,
    ),
    (
        "version 1 as a container sees it",
        V1,
        &[
            ("cpu,cpuacct/cpu.cfs_quota_us", "150000"),
            ("cpu,cpuacct/cpu.cfs_period_us", "100000"),
            ("memory/memory.limit_in_bytes", "1048576"),
        ],
        1,
        Some(MIB),
    ),
    (
        "version 1 as the machine sees it",
        V1,
        &[
            ("cpu/docker/x/cpu.cfs_quota_us", "200000"),
            ("cpu/docker/x/cpu.cfs_period_us", "100000"),
            (
                "memory/docker/x/memory.limit_in_bytes",
                "9223372036854771712",
            ),
        ],
        2,
        None,
    ),
    (
        "version 1, none",
        V1,
        &[
            ("cpu/cpu.cfs_quota_us", "-1"),
            ("cpu/cpu.cfs_period_us", "100000"),
        ],
        8,
        None,
    ),
    (
        "both versions",
        HYBRID,
        &[
            ("memory/job/memory.limit_in_bytes", "77"),
            ("unified/cpu.max", "100000 100000"),
        ],
        1,
        Some(77),
    ),
    (
        "rubbish",
        V2,
        &[("cpu.max", "what"), ("memory.max", "-5")],
        8,
        None,
    ),
    ("a period of nothing", V2, &[("cpu.max", "5 0")], 8, None),
];

#[test]
fn are_those_of_the_smallest_group() {
    for &(name, groups, files, cores, memory_bytes) in ROWS {
        let root = tempfile::tempdir().unwrap();
        for (file, content) in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let expected = Limits {
            cores,
            memory_bytes,
        };
        assert_eq!(limits(root.path(), groups, 8), expected, "{name}");
    }
}
