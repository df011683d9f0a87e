"""Debian's docker-registry on a port of its own."""

import json
import os
import shutil
import socket
import subprocess
import time

from server import free_port


class Registry:
    """A docker-registry whose folder is emptied at every start; always on the same port."""

    def __init__(self, work):
        self.data, self.configuration, self.process = work / "data", work / "registry.yml", None
        self.port = free_port()
        storage = {"filesystem": {"rootdirectory": str(self.data)}}
        settings = {"version": 0.1, "log": {"level": "error"}, "storage": storage}
        settings["http"] = {"addr": f"127.0.0.1:{self.port}"}
        # JSON is YAML.
        self.configuration.write_text(json.dumps(settings))

    def name(self):
        """What the image is called there."""
        return f"127.0.0.1:{self.port}/bench/image:1"

    def start(self):
        """An empty registry that answers."""
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        self.process = subprocess.Popen(
            ["docker-registry", "serve", self.configuration],
            env={**os.environ, "OTEL_TRACES_EXPORTER": "none"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit("docker-registry does not answer within 10 s")

    def stop(self):
        """End it."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
