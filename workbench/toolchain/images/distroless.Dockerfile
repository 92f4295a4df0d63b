# The base of services: a few packages taken out of a Debian root, without a shell and without a package manager.
ARG BASE
FROM ${BASE} AS whole
LABEL workbench.stage=unpacked
COPY distroless.py distroless.toml packages.txt /recipe/
RUN ["python3", "/recipe/distroless.py", "/recipe", "/kept"]

FROM scratch
COPY --from=whole /kept /
CMD ["python3"]
