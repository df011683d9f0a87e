"""How buildah and podman are called, so that they run where little is permitted, and why.

- storage below the benchmark's own folder, native overlay: nothing of the machine's own images is touched;
- runtime runc: the one that works with both forms of cgroups (crun refuses hybrid ones);
- cgroup manager cgroupfs: no systemd is needed;
- limits of 1024 open files and processes: the defaults of both want to *raise* limits, which needs CAP_SYS_RESOURCE,
  which machines for tests often lack; lowering is always allowed;
- buildah builds with the host's network: no bridge to set up, which would only make it slower;
- podman runs with --net=none: the same, and the container does not use it.
"""

import contextlib
import os
import pathlib
import shutil

from measure import call

LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]


class Peers:
    """buildah and podman with storage in `home`."""

    def __init__(self, home):
        self.home = home
        self.storage = ["--root", home / "storage", "--runroot", home / "run", "--storage-driver", "overlay"]

    def buildah(self, *words):
        """buildah VERB..."""
        return call("buildah", *self.storage, *words)

    def podman(self, *words):
        """podman VERB..."""
        return call("podman", *self.storage, "--runtime", "runc", "--cgroup-manager", "cgroupfs", *words)

    def build(self, dockerfile, tag, context):
        """buildah build --layers, as a team's script has it. Certificates of the machine are mounted for pip, which the
        image needs where a private authority signs."""
        self.buildah(
            *["build", "--layers", "--isolation", "oci", "--runtime", "runc", "--net", "host", *LIMITS],
            *["--volume", "/etc/ssl/certs:/etc/ssl/certs:ro", "--tag", tag, "--file", dockerfile, context],
        )

    def run(self, image, *command):
        """podman run --rm."""
        self.podman("run", "--rm", "--net=none", *LIMITS, image, *command)

    def take(self, archive, tag):
        """An image from a tar of its root file system."""
        self.podman("import", archive, tag)

    def clear(self):
        """Remove all of it: containers storage leaves a mount at its own folder."""
        with contextlib.suppress(SystemExit):
            call("umount", self.home / "storage/overlay")
        shutil.rmtree(self.home, ignore_errors=True)


def rootfs(work):
    """A root file system with Python: the one named in BENCH_ROOTFS, or a new one."""
    if named := os.environ.get("BENCH_ROOTFS"):
        return pathlib.Path(named)
    tar = work / "rootfs.tar"
    call("mmdebstrap", "--variant=minbase", "--include=python3,python3-venv,python3-pip,ca-certificates", "bookworm", tar)
    return tar
