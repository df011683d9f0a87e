FROM localhost/bench-guestbook-base
COPY guestbook /app/guestbook
COPY migrations /app/migrations
CMD ["sh", "-c", "exec gunicorn -c python:config.gunicorn -w \"${WORKERS:-1}\" -b \"0.0.0.0:${PORT:-8080}\" guestbook:app"]
