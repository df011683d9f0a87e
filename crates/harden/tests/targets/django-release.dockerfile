# note: boatyard-init comes from a build context, and the stages are harbour; "-o DIR" writes both: docker build -f DIR/Dockerfile --build-context boatyard-init=DIR --target STAGE .
== Dockerfile
# Made from boatyard.toml by "boatyard render dockerfile": change that file, and make this one again.

# Debian bookworm with what the application needs when it runs
FROM docker.io/library/debian:bookworm AS base
# the interpreter, with time zones and certificate authorities
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libstdc++6 python3 tzdata \
 && rm -rf /var/lib/apt/lists/*

# builds wheels, should a requirement have none; nothing of it reaches an image but the wheels
FROM base AS compiler
# a C compiler
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential python3-dev python3-venv \
 && rm -rf /var/lib/apt/lists/*
COPY ["pyproject.toml", "/build/pyproject.toml"]
COPY ["constraints.txt", "/build/constraints.txt"]
RUN python3.11 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv
RUN /opt/uv/bin/uv venv --quiet --no-project --python python3.11 /opt/venv \
 && /opt/uv/bin/uv pip install --no-cache --compile-bytecode --python /opt/venv/bin/python -r /build/pyproject.toml --extra server --extra postgres --group /build/pyproject.toml:production -c /build/constraints.txt

# what all services share: dependencies, the user, init and the shared folders
FROM base AS runner
# the application's Python dependencies, in a virtual environment
COPY --from=compiler /opt/venv /opt/venv
# the application does not run as root
RUN groupadd --gid 10001 appuser && useradd --no-log-init --create-home --uid 10001 --gid 10001 appuser
# where the sources go
RUN install -d -m 1775 -o 0 -g 10001 /app
# PID 1: starts roles and jobs, forwards signals, reaps
COPY --from=boatyard-init boatyard-init /usr/bin/boatyard-init

# image harbour for the role web
FROM runner AS harbour
# tells boatyard-init which roles and jobs the image has
RUN mkdir -p /etc/boatyard && printf '%s\n' '{"version":1,"project":"django-release","service":"harbour","default_role":"web","roles":{"web":{"command":"gunicorn -w \"${WORKERS:-1}\" -b \"0.0.0.0:${PORT:-8000}\" --access-logfile - --worker-tmp-dir /dev/shm django_release.wsgi","stop":{"signal":"TERM","grace_secs":30},"port":8000,"ready":"http://:8000/healthz"}},"jobs":{"migrate":{"command":"python -m django_release migrate --no-input"},"report":{"command":"python -m django_release berths"}}}' > /etc/boatyard/contract.json && chmod 644 /etc/boatyard/contract.json
# sources that only this service has
COPY ["src", "/app/src"]
ENV PATH="/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENV VIRTUAL_ENV="/opt/venv"
ENV PYTHONDONTWRITEBYTECODE="1"
ENV HOME="/home/appuser"
ENV LANG="C.UTF-8"
ENV DJANGO_SETTINGS_MODULE="django_release.settings"
ENV PYTHONPATH="/app/src"
ENV PYTHONUNBUFFERED="1"
LABEL dev.boatyard.project="django-release"
LABEL dev.boatyard.service="harbour"
LABEL org.opencontainers.image.title="harbour"
EXPOSE 8000/tcp
STOPSIGNAL SIGTERM
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["/usr/bin/boatyard-init"]
CMD ["start"]

== Dockerfile.dockerignore
# What boatyard build leaves out, too.
**/.git
**/__pycache__
**/*.pyc
**/tests
**/test
**/.venv
**/node_modules
**/*.egg-info
**/.env
**/.boatyard

