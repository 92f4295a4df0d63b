ARG BASE
FROM ${BASE}
COPY packages /opt/workbench/packages
# A package may hold files that are no Python of this version; they stay uncompiled, and are no reason to fail.
RUN ["python3", "-c", "import compileall; compileall.main()", "-q", "-j0", "--invalidation-mode", "unchecked-hash", "/opt/workbench/packages"]
COPY server /opt/workbench/workbench/server
RUN ["python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/opt/workbench/workbench/server"]
COPY sbom.cdx.json build.json /opt/workbench/
COPY service /opt/workbench/service
ENV PYTHONPATH=/opt/workbench:/opt/workbench/packages PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1
WORKDIR /opt/workbench/service
USER 10001:10001
# By this `workbench image` tells what an image was built of; BuildKit ignores the labels that the provider passes.
ARG MANIFEST
LABEL workbench.manifest=${MANIFEST}
EXPOSE 8000
CMD ["python3", "-m", "workbench.server"]
