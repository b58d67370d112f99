# Cognigy.AI. Build it at the root of the repository, with the list of everything in it as an attestation:
#   docker buildx build --sbom=true --provenance=true -f docker/cognigy-ai.Dockerfile -t cognigy-ai .
# Pin the base for ever by its digest: --build-arg BASE=docker.io/library/python:3.13.9-slim-trixie@sha256:...
# --build-arg TRACING=1 adds the packages that OTEL_EXPORTER_OTLP_ENDPOINT needs.
ARG BASE=docker.io/library/python:3.13.9-slim-trixie

FROM ${BASE} AS build
ARG TRACING=""
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/app
COPY requirements/runtime.in requirements/runtime.txt requirements/tracing.in requirements/tracing.txt requirements/
# Wheels only, each of the pinned hash: nothing is compiled, so nothing is needed to compile.
RUN /opt/app/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements/runtime.txt \
 && if [ "$TRACING" = 1 ]; then \
      /opt/app/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements/tracing.txt; \
    fi
COPY pyproject.toml LICENSE ./
COPY src src
# The other system is not part of this image.
RUN rm -r src/live_agent \
 && /opt/app/bin/pip install --no-deps --no-index --no-build-isolation . \
 && rm /opt/app/bin/live-agent \
 && /opt/app/bin/pip uninstall --yes setuptools pip
COPY docker/sbom.py docker/sbom.py
RUN /opt/app/bin/python docker/sbom.py > /opt/app/sbom.cdx.json

FROM ${BASE}
LABEL org.opencontainers.image.title="Cognigy.AI" \
      org.opencontainers.image.licenses="Apache-2.0"
# No installer in the image; a user without name, home or shell.
RUN python -m pip uninstall --yes pip \
 && rm -rf /usr/local/lib/python3*/ensurepip
COPY --from=build /opt/app /opt/app
ENV PATH=/opt/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LISTEN_ADDRESS=0.0.0.0
WORKDIR /tmp
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["cognigy-ai"]
CMD ["serve"]
