# What boatyard.toml of the guestbook says under [image], as a team would write it by hand.
FROM localhost/bench-base
RUN groupadd --gid 10001 appuser && useradd --no-log-init --create-home --uid 10001 --gid 10001 appuser
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app FLASK_APP=guestbook PYTHONUNBUFFERED=1
COPY requirements.txt /tmp/requirements.txt
RUN python3 -m venv /opt/venv && pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt
COPY common /app/common
COPY config /app/config
WORKDIR /app
USER 10001:10001
