# A shell of its own runs what the shell form says.
FROM debian:bookworm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
COPY app.sh /app.sh
USER 1000:1000
CMD /app.sh | tee /tmp/log
