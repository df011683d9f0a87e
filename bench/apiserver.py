"""An API server of its own with controllers, of which the node runs nothing; what is on it, and what changes there.

Only Python's standard library, and `kubectl`, whose proxy speaks for us.
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from kubernetes import started

AT_ONCE = 16


class Cluster:
    """`way` is the address of a way to it that `forget` cuts."""

    def __init__(self):
        self.process, self.kubeconfig, self.way = started()
        self.proxy = subprocess.Popen(["kubectl", f"--kubeconfig={self.kubeconfig}", "proxy", "--port=0"],
                                      stdout=subprocess.PIPE, text=True)
        self.port = int(self.proxy.stdout.readline().strip().rsplit(":", 1)[1])
        self.local = threading.local()

    def end(self):
        self.proxy.terminate()
        self.proxy.wait()
        self.process.stdin.close()
        self.process.wait()

    def by_the_way(self, folder):
        """A configuration over the way. It asks for no certificate: Python 3.13 takes none without the identifier of its issuer's key,
        as that of tools/kubetest is."""
        words = ["kubectl", f"--kubeconfig={self.kubeconfig}", "config", "view", "--raw", "-o", "json"]
        config = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
        for one in config["clusters"]:
            for name in ("certificate-authority", "certificate-authority-data"):
                one["cluster"].pop(name, None)
            one["cluster"] |= {"insecure-skip-tls-verify": True, "server": self.way}
        path = pathlib.Path(folder) / "kubeconfig"
        path.write_text(json.dumps(config))
        return str(path)

    def ask(self, method, path, body=None, kind="application/json"):
        """What the API server answers."""
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection = self.local.connection
        connection.request(method, path, body=body and json.dumps(body), headers={"content-type": kind})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {text[:500]}")
        return json.loads(text)

    def create(self, path, objects):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda one: self.ask("POST", path, one), objects))

    def merge(self, path, patch):
        self.ask("PATCH", path, patch, "application/merge-patch+json")

    def forget(self):
        """Cuts the way, and forgets what was: until `remember`, who comes over the way waits."""
        self.say("forget")
        self.process.stdout.readline()

    def remember(self):
        self.say("pass")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()


class Watch(threading.Thread):
    """Notes what comes that was not there before: moments and names."""

    def __init__(self, cluster, path):
        super().__init__(daemon=True)
        self.seen, self.condition = [], threading.Condition()
        version = cluster.ask("GET", path + "?limit=1")["metadata"]["resourceVersion"]
        self.connection = http.client.HTTPConnection("127.0.0.1", cluster.port)
        self.connection.request("GET", f"{path}?watch=1&resourceVersion={version}")
        self.answer = self.connection.getresponse()
        self.start()

    def run(self):
        while line := self.answer.readline():
            now, event = time.monotonic(), json.loads(line)
            if event["type"] == "ADDED":
                with self.condition:
                    self.seen.append((now, event["object"]["metadata"]["name"]))
                    self.condition.notify_all()

    def first(self, since, part, patience=120):
        """The moment in which the first came since then whose name has that in it, and its name."""
        def found():
            return next((one for one in self.seen if one[0] > since and part in one[1]), None)
        with self.condition:
            if not self.condition.wait_for(found, patience):
                sys.exit(f"nothing named {part} comes")
            return found()


def memory(process):
    """MiB that are resident: now, at most so far, and what of it now is no file's (the rest is the program itself, and libraries)."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in status if ":" in line)
    return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM", "RssAnon")]
