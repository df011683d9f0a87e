# note: boatyard-init comes from a build context, and the stages are one, two; "-o DIR" writes both: docker build -f DIR/Dockerfile --build-context boatyard-init=DIR --target STAGE .
# note: what looks like a secret is not in the file: API_TOKEN, DATABASE_URL, QUEUE_URL; give it where the image runs
== Dockerfile
# Made from boatyard.toml by "boatyard render dockerfile": change that file, and make this one again.

# Debian trixie with what the application needs when it runs
FROM docker.io/library/debian:trixie AS base

# what all services share: dependencies, the user, init and the shared folders
FROM base AS runner
# where the sources go
RUN install -d -m 755 -o 0 -g 0 /app
# PID 1: starts roles and jobs, forwards signals, reaps
COPY --from=boatyard-init boatyard-init /usr/bin/boatyard-init

# image one for the role web
FROM runner AS one
# tells boatyard-init which roles and jobs the image has
RUN mkdir -p /etc/boatyard && printf '%s\n' '{"version":1,"project":"odd","service":"one","default_role":"web","roles":{"web":{"command":"nginx","stop":{"signal":"QUIT","grace_secs":30},"port":8080,"env":{"GREETING":"100% of \"$HOME\": yes"}}},"jobs":{"tell":{"command":["tell","a b"]}},"schedules":{"cache":{"cron":"0 0 */2 * Monday","command":"tidy --cache"},"tidy":{"cron":"0 3 1 * mon","command":"tidy --older $AGE","manner":{"timezone":"Europe/Paris","timeout_secs":300}}}}' > /etc/boatyard/contract.json && chmod 644 /etc/boatyard/contract.json
ENV PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENV HOME="/root"
ENV LANG="C.UTF-8"
LABEL dev.boatyard.project="odd"
LABEL dev.boatyard.service="one"
LABEL org.opencontainers.image.title="one"
EXPOSE 8080/tcp
STOPSIGNAL SIGTERM
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["/usr/bin/boatyard-init"]
CMD ["start"]

# image two for the role worker
FROM runner AS two
# tells boatyard-init which roles and jobs the image has
RUN mkdir -p /etc/boatyard && printf '%s\n' '{"version":1,"project":"odd","service":"two","default_role":"worker","roles":{"worker":{"command":"work","stop":{"signal":"TERM","grace_secs":30},"ready":"test -e /tmp/ready"}},"jobs":{"shell":{"command":"sh"}},"schedules":{"worker":{"cron":"@hourly","command":["work","--once"],"manner":{"overlap":"forbid","retries":2,"splay_secs":30}}}}' > /etc/boatyard/contract.json && chmod 644 /etc/boatyard/contract.json
ENV PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENV HOME="/root"
ENV LANG="C.UTF-8"
LABEL dev.boatyard.project="odd"
LABEL dev.boatyard.service="two"
LABEL org.opencontainers.image.title="two"
STOPSIGNAL SIGTERM
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["/usr/bin/boatyard-init"]
CMD ["start"]

== Dockerfile.dockerignore
# What boatyard build leaves out, too.

