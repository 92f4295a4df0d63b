# Debian's essential packages and Python, unpacked and configured without a network; one layer.
FROM scratch AS unpacked
LABEL workbench.stage=unpacked
ADD root.tar /
COPY slim.cfg /etc/dpkg/dpkg.cfg.d/slim
COPY packages /packages
RUN set -e; \
    DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true dpkg --force-depends --install /packages/*.deb; \
    dpkg --audit; \
    echo "workbench:x:10001:10001:workbench:/nonexistent:/usr/sbin/nologin" >> /etc/passwd; \
    echo "workbench:x:10001:" >> /etc/group; \
    echo "workbench:!::0:99999:7:::" >> /etc/shadow; \
    rm -rf /packages /var/cache/* /var/log/* /var/lib/dpkg/*-old

FROM scratch
COPY --from=unpacked / /
CMD ["python3"]
