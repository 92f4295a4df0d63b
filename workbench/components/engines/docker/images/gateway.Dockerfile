ARG BASE
FROM ${BASE}
COPY gateway /opt/workbench/workbench/gateway
USER root
RUN ["install", "-d", "-o", "10001", "-g", "10001", "/gateway", "/gateway/services", "/run/haproxy", "/run/workbench/keys"]
ENV PYTHONPATH=/opt/workbench PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
VOLUME ["/gateway", "/run/workbench/keys"]
CMD ["haproxy", "-W", "-db", "-S", "/run/haproxy/master.sock", "-f", "/opt/workbench/workbench/gateway/haproxy.cfg", "-f", "/gateway/services"]
