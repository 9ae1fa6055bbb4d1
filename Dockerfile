# syntax=docker/dockerfile:1
# The operator as an image for linux/amd64 and linux/arm64: one file on distroless Node.js, without a shell.
#
#     docker buildx build --platform=linux/amd64,linux/arm64 --tag=... .
#
# Either base may be given by its digest: --build-arg=RUNTIME=gcr.io/distroless/nodejs24-debian13@sha256:...
ARG BUILDER=docker.io/library/node:24-trixie-slim
ARG RUNTIME=gcr.io/distroless/nodejs24-debian13:nonroot

# The bundle is the same for every platform, so it is made once, on that of the machine.
FROM --platform=$BUILDPLATFORM ${BUILDER} AS build
WORKDIR /src
COPY .npmrc package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY hack/build.ts hack/bill-of-materials.ts hack/
COPY src src
RUN node hack/build.ts

FROM ${RUNTIME}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="sei-k8s-controller" \
  org.opencontainers.image.description="Kubernetes operator for the full lifecycle of Sei blockchain nodes" \
  org.opencontainers.image.source="https://github.com/sei-protocol/sei-k8s-controller" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# glibc keeps one heap instead of one for each thread, and returns freed memory to the system.
ENV MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=65536
WORKDIR /app
COPY LICENSE ./
# The second lists the packages in the first, where scanners find none.
COPY --from=build /src/dist/sei-k8s-controller.mjs /src/dist/sei-k8s-controller.cdx.json ./
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
EXPOSE 8081 8443
# The space for new objects: V8's own limit takes memory while many nodes are created at once, and one that shrinks to 1 MB
# while there is little to do costs a third of the CPU at rest, because queries that are under way outlive each collection.
ENTRYPOINT ["/nodejs/bin/node", "--min-semi-space-size=8", "--max-semi-space-size=8", "/app/sei-k8s-controller.mjs"]
CMD ["manager"]
