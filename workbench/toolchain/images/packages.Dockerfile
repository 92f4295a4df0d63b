# The base and a few Debian packages, installed without a network. The services they bring are never started by dpkg;
# who runs the image says how.
ARG BASE
FROM ${BASE}
COPY packages /packages
RUN set -e; \
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; \
    chmod 755 /usr/sbin/policy-rc.d; \
    DEBIAN_FRONTEND=noninteractive dpkg --install /packages/*.deb; \
    dpkg --audit; \
    rm -rf /packages /usr/sbin/policy-rc.d /var/cache/* /var/log/* /var/lib/dpkg/*-old
