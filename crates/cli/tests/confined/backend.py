"""Builds a wheel, and looks around: it fails with what it has reached."""

import socket
import zipfile


def connect(host):
    socket.create_connection((host, 8080), 10).close()


def ask():
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.settimeout(2)
    asking.sendto(b"secret.other.test", ("198.51.100.8", 53))
    asking.recv(512)


def local():
    socket.socket(socket.AF_UNIX).connect("\0boatyard-confined-world")


TRIES = {
    "loopback": lambda: connect("127.0.0.1"),
    "loopback six": lambda: connect("::1"),
    "private": lambda: connect("10.77.0.1"),
    "metadata": lambda: connect("169.254.169.254"),
    "address": lambda: connect("198.51.100.7"),
    "six": lambda: connect("2001:db8::7"),
    "other name": lambda: connect("other.test"),
    "name server": ask,
    "local": local,
}


def reached(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True


def build_wheel(folder, config_settings=None, metadata_directory=None):
    found = [name for name, attempt in TRIES.items() if reached(attempt)]
    if found:
        raise SystemExit("reached: " + ", ".join(found))
    with zipfile.ZipFile(folder + "/kit-1.0-py3-none-any.whl", "w") as wheel:
        info = "kit-1.0.dist-info/"
        wheel.writestr("kit.py", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: kit\nVersion: 1.0\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return "kit-1.0-py3-none-any.whl"
