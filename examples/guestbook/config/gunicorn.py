"""gunicorn: what is not given on the command line of a role."""

# Requests go to standard output, as every log of a container should.
accesslog = "-"
access_log_format = '%(m)s %(U)s %(s)s %(b)s bytes %(M)s ms'
errorlog = "-"

# Heartbeat files in memory: the image's own files may be read-only, and a slow disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm"

# Requests that are running get this long after TERM; the role's `stop` allows a little more.
graceful_timeout = 25
timeout = 30
