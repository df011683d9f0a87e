# syntax=docker/dockerfile:1
FROM golang:1.22 AS build
COPY . /src
RUN go build -o /app /src

FROM gcr.io/team/static:1@sha256:0000000000000000000000000000000000000000000000000000000000000000
COPY --from=build /app /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/app"]
CMD ["--port", "8080"]
