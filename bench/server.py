"""A real `boatyard serve` with its journal on disk, and HTTP over the loopback device to it; signed hooks; a browser.

Only Python's standard library.
"""

import asyncio
import hashlib
import hmac
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from measure import BOATYARD

SECRET = b"a secret for figures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def free_port():
    """One that nobody gets for a connection of his own while who listens there is away."""
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    sys.exit("no port is free")


def percentile(values, share):
    """In milliseconds."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] * 1000


def spread(values):
    return f"p50 {percentile(values, 0.5):.1f} ms, p99 {percentile(values, 0.99):.1f} ms"


class Server:
    """`config` is its file, with `{port}` in it; `home` where it keeps what it makes, default: in its own folder."""

    def __init__(self, config, home=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="boatyard-bench-", dir=os.environ.get("BENCH_DIR")))
        self.home = home or self.folder / "home"
        self.port = free_port()
        self.config = self.folder / "serve.toml"
        self.config.write_text(config.replace("{port}", str(self.port)))
        self.process = None

    async def start(self, patience=60):
        """Seconds until it is ready."""
        begin = time.monotonic()
        environment = os.environ | {"BOATYARD_HOME": str(self.home)}
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([BOATYARD, "serve", "--config", self.config], env=environment,
                                        cwd=self.folder, stdout=log, stderr=log)
        while True:
            try:
                if (await self.get("/readyz"))[0] == 200:
                    return time.monotonic() - begin
            except (OSError, asyncio.IncompleteReadError):
                pass
            if self.process.poll() is not None or time.monotonic() - begin > patience:
                sys.exit("the server does not start:\n" + (self.folder / "log").read_text()[-2000:])
            await asyncio.sleep(0.002)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        """It ends, and its folder is gone."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def memory(self):
        """MiB that are resident now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def workers(self):
        """The processes that it has started for environments and that are still there: not those that ask the forge, nor copies of
        itself that are not another program yet."""
        found = set()
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            try:
                found.update(task.read_text().split())
            except OSError:
                pass
        return [one for one in found if is_at_work(one)]

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)

    async def get(self, path, host="localhost", headers=""):
        reader, writer = await self.connect()
        try:
            return await answer(reader, writer, f"GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n".encode())
        finally:
            writer.close()

    async def json(self, path):
        status, body = await self.get(path)
        assert status == 200, (path, status, body)
        return json.loads(body)


def is_at_work(process):
    try:
        words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return len(words) > 1 and b"ls-remote" not in words and b"serve" not in words


async def answer(reader, writer, request):
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = [line.split(": ")[1] for line in head.split("\r\n") if line.startswith("content-length: ")]
    body = await reader.readexactly(int(length[0])) if length else b""
    return int(head.split()[1]), body


def hook(path, news):
    """A signed request with what happened."""
    body = json.dumps(news).encode()
    now = str(int(time.time()))
    digest = hmac.new(SECRET, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    head = (f"POST /hooks/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"x-boatyard-timestamp: {now}\r\nx-boatyard-signature: {digest}\r\ncontent-length: {len(body)}\r\n\r\n")
    return head.encode() + body


def commit(name):
    return hashlib.sha1(name.encode()).hexdigest()


def browser():
    """The browser of this machine, if it has one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Browser:
    """A headless browser, asked through two pipes (Chrome DevTools Protocol: --remote-debugging-pipe)."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="boatyard-bench-", dir=os.environ.get("BENCH_DIR"))
        asks, self.write = os.pipe()
        self.read, answers = os.pipe()
        # The protocol has its ends at 3 and 4. Bash puts them there and becomes the browser; a plain shell knows one digit.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{asks} 4>&{answers}', "bash", program, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-dev-shm-usage", "--no-proxy-server", f"--user-data-dir={self.profile}",
             "--remote-debugging-pipe", "about:blank"],
            pass_fds=(asks, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(asks)
        os.close(answers)
        self.rest, self.number, self.session = b"", 0, None
        # The page that is there: another one might be behind it, and be painted once in a second.
        targets = self.call("Target.getTargets", {})["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.call("Page.enable", {})

    def call(self, method, params):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": params}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self.write, json.dumps(asked).encode() + b"\0")
        while True:
            while b"\0" not in self.rest:
                more = os.read(self.read, 1 << 16)
                if not more:
                    sys.exit("the browser has ended")
                self.rest += more
            said, self.rest = self.rest.split(b"\0", 1)
            said = json.loads(said)
            if said.get("id") == self.number:
                return said["result"]

    def first_paint(self, url):
        """Seconds from the navigation until something is painted, until there is content, and until all is loaded."""
        self.call("Page.navigate", {"url": "about:blank"})
        self.call("Page.navigate", {"url": url})
        script = """new Promise(done => { const look = () => {
            const paint = Object.fromEntries(performance.getEntriesByType('paint').map(one => [one.name, one.startTime]));
            const load = performance.getEntriesByType('navigation')[0].loadEventEnd;
            if (location.href !== 'about:blank' && paint['first-contentful-paint'] && load)
                done([paint['first-paint'], paint['first-contentful-paint'], load, document.querySelectorAll('#rows tr[id]').length]);
            else setTimeout(look, 5);
        }; look(); })"""
        found = self.call("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        *times, rows = found["result"]["value"]
        return [one / 1000 for one in times], rows

    def end(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.write)
        os.close(self.read)
        shutil.rmtree(self.profile, ignore_errors=True)
