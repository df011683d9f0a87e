"""Four images from Dockerfiles: a root file system with Python, a base on it, three services on that; 347 source files."""

import itertools
import os
import shutil

from peers import rootfs

SERVICES = ("web", "worker", "beat")
SHARED = ("common", "config", "migrations", "locale")

REQUIREMENTS = ("flask", "gunicorn", "gevent", "celery", "redis")

BASE = f"""FROM base-os
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
ENV PYTHONPATH=/app
LABEL org.opencontainers.image.title=base
RUN useradd --uid 10001 --create-home appuser
COPY ca.pem /tmp/ca.pem
RUN python3 -m venv /opt/venv && PIP_CERT=/tmp/ca.pem pip install --no-cache-dir {' '.join(REQUIREMENTS)}
WORKDIR /app
COPY common /app/common
COPY config /app/config
COPY migrations /app/migrations
COPY locale /app/locale
RUN chown -R appuser /app
EXPOSE 8080
USER appuser
CMD ["python3"]
"""
SERVICE = """FROM base
COPY {0} /app/{0}
ENV ROLE={0}
CMD ["python3", "-m", "{0}"]
"""


def sources(context):
    """347 files, 1.5 MB."""
    context.mkdir()
    names = itertools.cycle([*SHARED, *SERVICES])
    for number, name in zip(range(347), names):
        file = context / name / f"part{number % 9}" / f"module{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {number}\n" + f"value_{number} = 'some text that a module may well have'\n" * 75)
    bundle = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
    shutil.copy(bundle, context / "ca.pem")
    (context / "base.Dockerfile").write_text(BASE)
    for service in SERVICES:
        (context / f"{service}.Dockerfile").write_text(SERVICE.format(service))


def system(work):
    """The folder of the lowest image: a Dockerfile and the root file system."""
    folder = work / "system"
    folder.mkdir()
    shutil.copy(rootfs(work), folder / "rootfs.tar")
    (folder / "Dockerfile").write_text("FROM scratch\nADD rootfs.tar /\nCMD [\"bash\"]\n")
    return folder
