"""A server of previews on a cluster, a repository with a branch for each environment, and what people ask of them."""

import asyncio
import collections
import json
import pathlib
import shutil
import subprocess
import time

from measure import BOATYARD, call
from server import Server, answer, hook

# Seconds in which something has to change, and after which people ask again.
PATIENCE, STILL = 180, 5
# How often one may be asked for again, on the average.
OFTEN = 20
CONFIG = """
[server]
listen = "127.0.0.1:{port}"
[cluster]
registry = "127.0.0.1:REGISTRY/previews"
prefix = "many"
[cluster.lease]
lasts = "8s"
namespace = "default"
[limits]
preparing = MOST_PREPARING
running = MOST_RUNNING
kept = 100000
per-minute = 1000000
[times]
settle = "0s"
idle = "never"
residence = "0s"
back-off = "1s"
[access]
[[access.token]]
name = "bench"
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
scopes = ["operate"]
[forge.bench]
kind = "generic"
url = "file://REMOTE"
secret = { value = "a secret for figures" }
poll = "30s"
[[repository]]
name = "app.git"
branches = ["**", "!trunk"]
data = "fresh"
"""
# What the digest above is of.
TOKEN = "authorization: Bearer abc\r\n"

PROJECT = """
[project]
name = "shop"
[image]
base = "scratch"
[service.app]
copy = ["bin", "www"]
roles = ["web"]
[role.web]
command = ["/app/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/app/www"]
port = 8080
ready = "http://:8080/index.html"
[job.migrate]
command = ["/app/bin/busybox", "echo", "migrated"]
when = "before-deploy"
[job.farewell]
command = ["/app/bin/busybox", "echo", "bye"]
[preview]
cleanup = ["farewell"]
"""
CONNECTIONS = 8


def branch(number):
    return f"branch-{number}"


def repository(bare, numbers):
    """One with a branch for each number, all with the same files; the commit of each."""
    call("git", "init", "--quiet", "--bare", "-b", "trunk", bare)
    files = {"bin/busybox": pathlib.Path(shutil.which("busybox")).read_bytes(), "www/index.html": b"here\n", "boatyard.toml": PROJECT.encode()}
    text = bytearray()
    for mark, content in enumerate(files.values(), 1):
        text += f"blob\nmark :{mark}\ndata {len(content)}\n".encode() + content + b"\n"
    for name in ["trunk", *map(branch, numbers)]:
        text += f"commit refs/heads/{name}\ncommitter bench <bench@example.org> 0 +0000\ndata {len(name)}\n{name}\n".encode()
        for mark, path in enumerate(files, 1):
            text += f"M 100{755 if path.startswith('bin') else 644} :{mark} {path}\n".encode()
    subprocess.run(["git", "fast-import", "--quiet"], input=bytes(text), cwd=bare, check=True)
    call("git", "pack-refs", "--all", cwd=bare)
    said = call("git", "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/branch-*", cwd=bare)
    found = dict(line.split() for line in said.splitlines())
    return {number: found[branch(number)] for number in numbers}


class Fleet:
    prefix = "many"

    def __init__(self, work, registry, numbers, limits):
        self.numbers, self.bare = numbers, work / "app.git"
        self.commits = repository(self.bare, numbers)
        self.of = {commit: number for number, commit in self.commits.items()}
        config = CONFIG.replace("REMOTE", str(work)).replace("REGISTRY", str(registry.port))
        for word, limit in zip(["MOST_PREPARING", "MOST_RUNNING"], limits):
            config = config.replace(word, str(limit))
        self.server = Server(config)
        self.ids, self.wanted, self.asked_again = {}, {}, 0
        # Nobody is asked anything while there is no server.
        self.there = asyncio.Event()
        self.there.set()

    def namespace(self, number):
        return f"{self.prefix}-{self.ids[number]}"

    async def start(self, forgets):
        """Seconds until it leads and knows what is there."""
        if forgets:
            shutil.rmtree(self.server.home / "serve", ignore_errors=True)
        begin = time.monotonic()
        await self.server.start()
        while not await self.leads():
            await asyncio.sleep(0.01)
        return time.monotonic() - begin

    async def leads(self):
        """Nobody may answer for a moment."""
        try:
            return not (await self.server.get("/readyz"))[1].startswith(b"stands by")
        except (OSError, asyncio.IncompleteReadError):
            return False

    def end(self):
        """Asks it to end, so that the next one need not wait for its lease."""
        self.server.process.terminate()
        self.server.process.wait(60)

    async def restart(self, forgets):
        """As a power cut would."""
        self.there.clear()
        self.server.kill()
        await self.start(forgets)
        self.there.set()

    async def each(self, requests):
        """Sends them, several at once, each until it is answered by a server that leads."""
        queue = list(requests)[::-1]

        async def sender():
            while queue:
                request = queue.pop()
                while not await self.send(request()):
                    await asyncio.sleep(0.2)

        await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))

    async def send(self, request):
        await self.there.wait()
        try:
            reader, writer = await self.server.connect()
            try:
                status, _ = await asyncio.wait_for(answer(reader, writer, request), 30)
                return status < 500
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            return False

    async def push(self, numbers):
        def pushed(number):
            return lambda: hook("bench", {"repository": "app.git", "branch": branch(number), "commit": self.commits[number]})

        await self.each(map(pushed, numbers))

    async def close(self, numbers):
        self.remove(numbers)
        await self.each((lambda number=number: hook("bench", {"repository": "app.git", "branch": branch(number), "closed": True}))
                        for number in numbers)

    def remove(self, numbers):
        """Their branches; who serves them is not told."""
        self.refs(f"delete refs/heads/{branch(number)}\n" for number in numbers)

    def reopen(self, numbers):
        self.refs(f"create refs/heads/{branch(number)} {self.commits[number]}\n" for number in numbers)

    def refs(self, lines):
        subprocess.run(["git", "update-ref", "--stdin"], input="".join(lines), text=True, cwd=self.bare, check=True)

    async def ask(self, action, numbers):
        await self.each((lambda number=number: self.posted(action, number)) for number in numbers)

    def posted(self, action, number):
        path = f"/api/environments/{self.ids[number]}/{action}"
        return f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{TOKEN}content-length: 0\r\n\r\n".encode()

    async def environments(self, more=""):
        """All that the server knows; none if it does not say."""
        found, cursor = [], ""
        while cursor is not None:
            said = await self.json(f"/api/environments?limit=500{more}{cursor}")
            if said is None:
                return None
            found += said["environments"]
            cursor = said.get("cursor") and f"&cursor={said['cursor']}"
        return found

    async def json(self, path):
        await self.there.wait()
        try:
            status, body = await asyncio.wait_for(self.server.get(path, headers=TOKEN), 30)
            return json.loads(body) if status == 200 else None
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            return None

    async def state(self):
        """The phase of each, by its number; what is of no branch by its id."""
        found = await self.environments()
        if found is None:
            return None
        for one in found:
            number = self.of.get(one["commit"])
            if number is not None:
                self.ids[number] = one["id"]
        return {self.of.get(one["commit"], one["id"]): one["phase"] for one in found}

    async def until(self, wanted):
        """Waits until all are as they are to be; those that an accident has put elsewhere are asked for again, as people would."""
        last, changed = None, time.monotonic()
        while (now := await self.state()) != wanted:
            if now is not None and now != last:
                last, changed = now, time.monotonic()
            if time.monotonic() - changed > PATIENCE:
                different = {one: (phase, wanted.get(one)) for one, phase in (now or {}).items() if phase != wanted.get(one)}
                raise SystemExit(f"nothing has changed for {PATIENCE} s; is and is to be: {dict(list(different.items())[:10])}")
            if time.monotonic() - changed > STILL:
                await self.again(now or {}, wanted)
            await asyncio.sleep(min(5, 0.5 + len(wanted) / 2000))

    async def again(self, now, wanted):
        actions = {("failed", "asleep"): "reset", ("failed", "running"): "reset", ("asleep", "running"): "start", ("running", "asleep"): "stop"}
        for number, phase in now.items():
            action = actions.get((phase, wanted.get(number)))
            if action:
                self.asked_again += 1
                await self.send(self.posted(action, number))
        if self.asked_again > OFTEN * len(self.numbers):
            raise SystemExit(f"asking for them again does not help: {collections.Counter(now.values())}")

    async def until_settled(self):
        """Waits until nothing is under way."""
        while True:
            now = await self.environments() or [{"phase": "unknown"}]
            if all(one["phase"] in ("asleep", "running", "failed") and not one["is_asked"] for one in now):
                return
            await asyncio.sleep(0.5)

    async def total(self):
        return (await self.json("/api/environments?limit=1"))["total"]

    def memory(self):
        """MiB that are resident: now, and at most so far."""
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in status)
        return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")]

    async def calls(self):
        """Calls to the API server since the server began, and how often they were tried."""
        _, text = await self.server.get("/metrics", headers=TOKEN)
        figures = [line.rsplit(" ", 1) for line in text.decode().splitlines() if line.startswith("boatyard_cluster_")]
        of = lambda name: sum(float(value) for what, value in figures if what.startswith(f"boatyard_cluster_{name}_total"))
        return of("calls"), of("tries")

    async def scaled_back(self, api, number):
        """Seconds until one that sleeps and was scaled up by somebody else is asleep again."""
        path = f"/apis/apps/v1/namespaces/{self.namespace(number)}/deployments"
        [one] = await api.list(path)
        path += "/" + one["metadata"]["name"]
        begin = time.monotonic()
        await api.ask("PATCH", path, {"spec": {"replicas": 1}}, "application/merge-patch+json")
        while (await api.ask("GET", path))[1]["spec"]["replicas"]:
            if time.monotonic() - begin > PATIENCE:
                raise SystemExit("what somebody has scaled up stays so")
            await asyncio.sleep(0.05)
        return time.monotonic() - begin

    async def left(self, api, known):
        """What is there and of nobody who is known."""
        ids = {self.ids[number] for number in known}
        spaces = {f"{self.prefix}-{one}" for one in ids}
        names = [one["metadata"] for one in await api.list("/api/v1/namespaces")]
        leases = [one["metadata"] for one in await api.list("/apis/coordination.k8s.io/v1/leases")]
        home = self.server.home
        images = call(BOATYARD, "image", "ls", "--json", env={"BOATYARD_HOME": str(home), "PATH": "/usr/bin:/bin"})
        copies = {one["reference"].rsplit("preview_", 1)[1] for one in json.loads(images) if "preview_" in one["reference"]}
        folders = {one.name for one in (home / "serve/environment").glob("*")}
        return {
            "namespaces": len({one["name"] for one in names if one["name"].startswith(self.prefix + "-")} ^ spaces),
            "leases": len([one for one in leases if one["namespace"].startswith(self.prefix + "-") and one["namespace"] not in spaces]),
            "images": len(copies - ids),
            "folders": len(folders - ids),
            "temporary files": len(list((home / "tmp").glob("*"))),
        }
