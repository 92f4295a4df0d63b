# The base of PySpark runs: Python, and Debian's Java runtime, installed without a network.
ARG BASE
FROM ${BASE}
COPY packages /packages
# The runtime's alternatives link its manual pages, which the base leaves out: their folder must be there meanwhile.
RUN set -e; \
    mkdir -p /usr/share/man/man1; \
    DEBIAN_FRONTEND=noninteractive dpkg --install /packages/*.deb; \
    dpkg --audit; \
    rm -rf /packages /usr/share/man /var/cache/* /var/log/* /var/lib/dpkg/*-old
CMD ["python3"]
