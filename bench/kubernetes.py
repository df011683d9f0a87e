"""A cluster of tools/kubetest, what can be done to it, and its API by HTTP. Only Python's standard library.

Its node says of each pod that it is ready, and runs none; so there may be as many as the API server takes.
"""

import asyncio
import json
import os
import pathlib
import ssl
import subprocess
import sys

from measure import ROOT

TICK = os.sysconf("SC_CLK_TCK")


def started():
    """The process of a cluster, its kubeconfig, and the address of a way to it that can be cut. BENCH_CLUSTER names what is built already."""
    build = ["cargo", "run", "--quiet", "--release", "-p", "boatyard-kubetest", "--example", "cluster"]
    words = [os.environ["BENCH_CLUSTER"]] if os.environ.get("BENCH_CLUSTER") else build
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline().strip()
    if not line.startswith("export KUBECONFIG="):
        sys.exit(f"there is no API server: {line}\nhelp: tools/kubetest/build")
    return process, line.split("=", 1)[1], process.stdout.readline().strip().rstrip("/")


class Cluster:
    """A control plane of its own, with a node that follows scripts."""

    def __init__(self):
        # The way of its own is not taken here.
        self.process, self.kubeconfig, _ = started()
        self.folder = os.path.dirname(self.kubeconfig)
        self.busy = asyncio.Lock()

    async def suffer(self, *words):
        """One thing at a time: restart, compact, pause SECONDS."""
        async with self.busy:
            self.process.stdin.write(" ".join(words) + "\n")
            self.process.stdin.flush()
            said = await asyncio.to_thread(self.process.stdout.readline)
            assert said == "done\n", said

    def seconds(self):
        """Processor time of etcd, the API server, the controllers and the scheduler, as they run now."""
        return sum(sum(times(pid)[:2]) for pid in filter(str.isdigit, os.listdir("/proc")) if self.is_of(pid))

    def is_of(self, pid):
        try:
            return self.folder in os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            return False

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def times(pid):
    """Seconds of processor time: in its own code, in the kernel, and the same of children that have ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return [0, 0, 0, 0]
    return [int(field) / TICK for field in fields[11:15]]


class Api:
    """The API server of a configuration whose certificates are files."""

    def __init__(self, kubeconfig):
        config = json.loads(pathlib.Path(kubeconfig).read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = cluster["server"].removeprefix("https://").split(":")
        self.tls = ssl.create_default_context(cafile=cluster["certificate-authority"])
        # Certificates of tests lack the identifier of their issuer's key.
        self.tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self.tls.load_cert_chain(user["client-certificate"], user["client-key"])

    async def open(self, method, path, body=None, kind="application/json"):
        """The status, and a stream of what is answered (HTTP/1.0: it ends with the connection)."""
        host, port = self.address
        reader, writer = await asyncio.open_connection(host, int(port), ssl=self.tls, limit=1 << 24)
        text = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.0\r\nhost: {host}:{port}\r\ncontent-type: {kind}\r\ncontent-length: {len(text)}\r\n\r\n"
        writer.write(head.encode() + text)
        try:
            answer = await reader.readuntil(b"\r\n\r\n")
        except BaseException:
            writer.close()
            raise
        return int(answer.split()[1]), reader, writer

    async def ask(self, method, path, body=None, kind="application/json"):
        status, reader, writer = await self.open(method, path, body, kind)
        try:
            return status, json.loads(await reader.read() or b"null")
        finally:
            writer.close()

    async def list(self, path):
        """All of a kind; none while nobody answers."""
        status, found = await self.ask("GET", path)
        return found["items"] if status == 200 else None

    async def follow(self, path, anew, changed):
        """For ever: tells all that is there by `anew`, and each change by `changed`; after a gap all of it again."""
        mark = "&" if "?" in path else "?"
        version = None
        while True:
            try:
                if version is None:
                    status, found = await self.ask("GET", path)
                    if status == 200:
                        anew(found["items"])
                        version = found["metadata"]["resourceVersion"]
                if version is not None:
                    words = f"{mark}watch=1&allowWatchBookmarks=true&resourceVersion={version}"
                    version = await self.watch(path + words, version, changed)
            except (OSError, ValueError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.1)

    async def watch(self, path, version, changed):
        """Until it ends: the version of the last change; none if it is too old."""
        status, reader, writer = await self.open("GET", path)
        try:
            while status == 200 and (line := await reader.readline()):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return None
                version = event["object"]["metadata"]["resourceVersion"]
                if event["type"] != "BOOKMARK":
                    changed(event["type"], event["object"])
            return None if status == 410 else version
        finally:
            writer.close()
