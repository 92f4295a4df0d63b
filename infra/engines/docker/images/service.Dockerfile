ARG BASE
FROM ${BASE}
COPY packages /opt/workbench/packages
RUN ["python3", "-m", "compileall", "-q", "-j0", "--invalidation-mode", "unchecked-hash", "/opt/workbench/packages"]
COPY scoring /opt/workbench/scoring
RUN ["python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/opt/workbench/scoring"]
COPY service /opt/workbench/service
ENV PYTHONPATH=/opt/workbench:/opt/workbench/packages PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /opt/workbench/service
USER 10001:10001
EXPOSE 8000
CMD ["python3", "-m", "scoring"]
