FROM localhost/bench-guestbook-base
COPY admin /app/admin
CMD ["sh", "-c", "exec gunicorn -c python:config.gunicorn -w 1 -b \"0.0.0.0:${PORT:-8081}\" admin:app"]
