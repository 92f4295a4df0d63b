ARG BASE
FROM ${BASE}
COPY registry.yml /etc/workbench/registry.yml
USER root
RUN ["install", "-d", "-o", "10001", "-g", "10001", "/var/lib/registry"]
USER 10001:10001
VOLUME ["/var/lib/registry"]
CMD ["docker-registry", "serve", "/etc/workbench/registry.yml"]
