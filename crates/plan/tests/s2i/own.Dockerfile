FROM builder AS dependencies
USER 0:0
RUN echo 'default:x:1001:0:Application:/opt/app-root/src:/usr/sbin/nologin' >> /etc/passwd
USER 1001:0
WORKDIR /opt/app-root/src
RUN ["python3.13", "-m", "venv", "/opt/app-root"]

FROM dependencies AS build
COPY --chown=1001:0 . /tmp/src
COPY --from=runtime /usr/libexec/s2i /opt/s2i/bin
COPY --chmod=755 .s2i/bin /opt/s2i/bin
ENV S2I_SCRIPTS_PATH=/opt/s2i/bin
RUN --mount=type=cache,id=boatyard-s2i-5298ef6cfd84,target=/var/cache/pip,uid=1001,gid=0,mode=0775 --mount=type=secret,id=boatyard-pip-conf,target=/run/secrets/pip.conf,uid=1001,required unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST; PIP_CONFIG_FILE=/run/secrets/pip.conf PIP_CACHE_DIR=/var/cache/pip boatyard-init assemble && fix-permissions /opt/app-root

FROM runtime
USER 0:0
RUN echo 'default:x:1001:0:Application:/opt/app-root/src:/usr/sbin/nologin' >> /etc/passwd
USER 1001:0
WORKDIR /opt/app-root/src
COPY --from=runtime /usr/libexec/s2i /opt/s2i/bin
COPY --chmod=755 .s2i/bin /opt/s2i/bin
ENV S2I_SCRIPTS_PATH=/opt/s2i/bin
COPY --from=build --chown=1001:0 /opt/app-root /opt/app-root
EXPOSE 9000/tcp
VOLUME ["/data"]
CMD ["run"]
