# A comment.
FROM debian:bookworm
RUN apt-get update && apt-get install -y curl
RUN useradd --system --uid 990 web
COPY app.sh /app.sh
USER web
EXPOSE 8080
HEALTHCHECK CMD curl -f http://localhost:8080/ || exit 1
ENTRYPOINT ["tini", "-g", "--"]
CMD sh /app.sh --port 8080
