FROM builder AS dependencies
USER 0:0
RUN echo 'default:x:1001:0:Application:/opt/app-root/src:/usr/sbin/nologin' >> /etc/passwd
USER 1001:0
WORKDIR /opt/app-root/src
RUN ["python3", "-m", "venv", "/opt/app-root"]
ENV PORT="8085"
ENV SAID="a \"b\" \$c"
COPY --chown=1001:0 requirements.txt /tmp/src/
RUN --mount=type=cache,id=boatyard-s2i-feed0bb5e1bd,target=/var/cache/pip,uid=1001,gid=0,mode=0775 PIP_CACHE_DIR=/var/cache/pip pip install -r /tmp/src/requirements.txt && fix-permissions /opt/app-root

FROM dependencies AS build
COPY --chown=1001:0 . /tmp/src
RUN --mount=type=cache,id=boatyard-s2i-feed0bb5e1bd,target=/var/cache/pip,uid=1001,gid=0,mode=0775 PIP_CACHE_DIR=/var/cache/pip boatyard-init assemble && fix-permissions /opt/app-root

FROM runtime
USER 0:0
RUN echo 'default:x:1001:0:Application:/opt/app-root/src:/usr/sbin/nologin' >> /etc/passwd
USER 1001:0
WORKDIR /opt/app-root/src
ENV PORT="8085"
ENV SAID="a \"b\" \$c"
COPY --from=dependencies --chown=1001:0 /opt/app-root /opt/app-root
COPY --from=build --chown=1001:0 /opt/app-root/src /opt/app-root/src
EXPOSE 8085/tcp
CMD ["run"]
