# A base with Python, and the packages of a run, which come unpacked from locked wheels.
ARG BASE
FROM ${BASE}
ARG PYTHON
USER root
RUN python3 -c "import sys; found = '%d.%d' % sys.version_info[:2]; found == '${PYTHON}' or sys.exit('the base image has Python ' + found + ', runs need ${PYTHON}')" \
    && { grep -q ':10001:' /etc/passwd || echo 'workbench:x:10001:10001:workbench:/nonexistent:/bin/false' >> /etc/passwd; }
COPY packages /opt/workbench/packages
# Some packages bring files that no Python compiles, such as templates; they stay as they are.
RUN python3 -m compileall -q -j0 --invalidation-mode unchecked-hash /opt/workbench/packages > /dev/null || true
ENV PYTHONPATH=/opt/workbench/packages
USER 10001:10001
