# note: boatyard-init comes from a build context, and the stages are app, jobs, admin; "-o DIR" writes both: docker build -f DIR/Dockerfile --build-context boatyard-init=DIR --target STAGE .
== Dockerfile
# Made from boatyard.toml by "boatyard render dockerfile": change that file, and make this one again.

# Debian bookworm with what the application needs when it runs
FROM docker.io/library/debian:bookworm AS base
# the interpreter, and what the application uses when it runs
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libstdc++6 media-types python3 tzdata \
 && rm -rf /var/lib/apt/lists/*

# builds wheels, should a requirement have none; nothing of it reaches an image but the wheels
FROM base AS compiler
# a C compiler
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential python3-dev python3-venv \
 && rm -rf /var/lib/apt/lists/*
COPY ["requirements.txt", "/build/requirements.txt"]
RUN python3.11 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv
RUN /opt/uv/bin/uv venv --quiet --no-project --python python3.11 /opt/venv \
 && /opt/uv/bin/uv pip install --no-cache --compile-bytecode --python /opt/venv/bin/python -r /build/requirements.txt

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
# sources that every service has
COPY ["common", "/app/common"]
COPY ["config", "/app/config"]

# image app for the roles web, beat
FROM runner AS app
# tells boatyard-init which roles and jobs the image has
RUN mkdir -p /etc/boatyard && printf '%s\n' '{"version":1,"project":"guestbook","service":"app","default_role":"web","roles":{"beat":{"command":"celery -A common.queue beat --loglevel=\"${CELERY_LOGLEVEL:-INFO}\" --schedule=/tmp/beat --pidfile=","stop":{"signal":"TERM","grace_secs":30}},"web":{"command":"gunicorn -c python:config.gunicorn -w \"${WORKERS:-1}\" -b \"0.0.0.0:${PORT:-8080}\" guestbook:app","stop":{"signal":"TERM","grace_secs":30},"port":8080,"ready":"http://:8080/healthz"}},"jobs":{"migrate":{"command":"flask db upgrade"}},"schedules":{"forget":{"cron":"0 3 * * *","command":"flask forget --older-than 365"}}}' > /etc/boatyard/contract.json && chmod 644 /etc/boatyard/contract.json
# sources that only this service has
COPY ["guestbook", "/app/guestbook"]
COPY ["migrations", "/app/migrations"]
ENV PATH="/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENV VIRTUAL_ENV="/opt/venv"
ENV PYTHONDONTWRITEBYTECODE="1"
ENV HOME="/home/appuser"
ENV LANG="C.UTF-8"
ENV FLASK_APP="guestbook"
ENV PYTHONPATH="/app"
ENV PYTHONUNBUFFERED="1"
LABEL dev.boatyard.project="guestbook"
LABEL dev.boatyard.service="app"
LABEL org.opencontainers.image.title="app"
EXPOSE 8080/tcp
STOPSIGNAL SIGTERM
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["/usr/bin/boatyard-init"]
CMD ["start"]

# image jobs for the role worker
FROM runner AS jobs
# tells boatyard-init which roles and jobs the image has
RUN mkdir -p /etc/boatyard && printf '%s\n' '{"version":1,"project":"guestbook","service":"jobs","default_role":"worker","roles":{"worker":{"command":"celery -A jobs.worker worker --loglevel=\"${CELERY_LOGLEVEL:-INFO}\" --concurrency=\"${WORKERS:-1}\"","stop":{"signal":"TERM","grace_secs":60}}}}' > /etc/boatyard/contract.json && chmod 644 /etc/boatyard/contract.json
# sources that only this service has
COPY ["jobs", "/app/jobs"]
ENV PATH="/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENV VIRTUAL_ENV="/opt/venv"
ENV PYTHONDONTWRITEBYTECODE="1"
ENV HOME="/home/appuser"
ENV LANG="C.UTF-8"
ENV FLASK_APP="guestbook"
ENV PYTHONPATH="/app"
ENV PYTHONUNBUFFERED="1"
LABEL dev.boatyard.project="guestbook"
LABEL dev.boatyard.service="jobs"
LABEL org.opencontainers.image.title="jobs"
STOPSIGNAL SIGTERM
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["/usr/bin/boatyard-init"]
CMD ["start"]

# image admin for the role admin
FROM runner AS admin
# tells boatyard-init which roles and jobs the image has
RUN mkdir -p /etc/boatyard && printf '%s\n' '{"version":1,"project":"guestbook","service":"admin","default_role":"admin","roles":{"admin":{"command":"gunicorn -c python:config.gunicorn -w 1 -b \"0.0.0.0:${PORT:-8081}\" admin:app","stop":{"signal":"TERM","grace_secs":30},"port":8081,"ready":"http://:8081/healthz"}}}' > /etc/boatyard/contract.json && chmod 644 /etc/boatyard/contract.json
# sources that only this service has
COPY ["admin", "/app/admin"]
ENV PATH="/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENV VIRTUAL_ENV="/opt/venv"
ENV PYTHONDONTWRITEBYTECODE="1"
ENV HOME="/home/appuser"
ENV LANG="C.UTF-8"
ENV FLASK_APP="guestbook"
ENV PYTHONPATH="/app"
ENV PYTHONUNBUFFERED="1"
LABEL dev.boatyard.project="guestbook"
LABEL dev.boatyard.service="admin"
LABEL org.opencontainers.image.title="admin"
EXPOSE 8081/tcp
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

