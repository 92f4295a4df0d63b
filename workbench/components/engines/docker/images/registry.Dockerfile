ARG BASE
FROM ${BASE}
COPY registry.yml registry.py /etc/workbench/
USER root
RUN ["install", "-d", "-o", "10001", "-g", "10001", "/var/lib/registry"]
USER 10001:10001
VOLUME ["/var/lib/registry"]
CMD ["python3", "-IS", "/etc/workbench/registry.py"]
