FROM scratch
COPY busybox /bin/busybox
# A step makes these where they are missing, or does not, as engines please.
WORKDIR /proc
WORKDIR /sys
WORKDIR /dev
WORKDIR /
RUN ["/bin/busybox", "--install", "/bin"]
ENV PATH=/usr/local/bin:/usr/bin:/bin BASE=one
COPY <<PASSWD /etc/passwd
root:x:0:0:root:/root:/bin/sh
app:x:1000:1000:app:/home/app:/bin/sh
web:x:1001:1002:web:/nonexistent:/bin/sh
PASSWD
COPY <<GROUP /etc/group
root:x:0:
app:x:1000:
www:x:1002:app
staff:x:50:app,web
GROUP
RUN mkdir -p /root /tmp /home/app /data/deep /data/closed && chmod 1777 /tmp && chmod 700 /root /data/closed \
    && chown 1000:1000 /home/app /data/closed && echo old > /data/file && ln -s /data /link && ln -s data/deep /relative \
    && ln -s /nowhere /dangling && ln -s file /data/filelink && ln -s loop-b /loop-a && ln -s loop-a /loop-b \
    && echo a > /data/one && ln /data/one /data/two
