"""Servers that note who calls: an index of Python packages at every address, a name server, a socket without a file."""

import http.server
import io
import os
import socket
import sys
import tarfile
import threading

os.chdir(sys.argv[1])
calls = open("calls", "a", buffering=1)


def sdist():
    files = {
        "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
        "[project]\nname = 'kit'\nversion = '1.0'\n",
        "PKG-INFO": "Metadata-Version: 2.1\nName: kit\nVersion: 1.0\n",
        "backend.py": open("backend.py").read(),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo("kit-1.0/" + name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


SDIST = sdist()


class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://10.77.0.1:8080/x")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        pages = {
            "/simple/kit/": b'<a href="/files/kit-1.0.tar.gz">kit-1.0.tar.gz</a>',
            "/files/kit-1.0.tar.gz": SDIST,
        }
        body = pages.get(self.path, b"x")
        self.send_response(200)
        self.send_header("Content-Type", "application/gzip" if body is SDIST else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def process_request(self, request, client):
        calls.write(request.getsockname()[0].removeprefix("::ffff:") + "\n")
        super().process_request(request, client)


def names():
    while True:
        question, who = name_server.recvfrom(512)
        calls.write("dns\n")
        name_server.sendto(question, who)


def locals():
    while True:
        stream, _ = local.accept()
        calls.write("unix\n")
        stream.close()


server = Server(("::", 8080), Index)
name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
name_server.bind(("198.51.100.8", 53))
local = socket.socket(socket.AF_UNIX)
local.bind("\0boatyard-confined-world")
local.listen()
for work in (names, locals):
    threading.Thread(target=work, daemon=True).start()
open("ready", "w").close()
server.serve_forever()
