# syntax=docker/dockerfile:1
# The portal: what is built here is what the server carries inside.
FROM node:22-bookworm-slim AS portal
WORKDIR /web
COPY platform/portal/web/package.json platform/portal/web/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY platform/portal/web .
RUN npm run build && test -s dist/index.html

FROM rust:1.95-bookworm AS build
WORKDIR /huella
COPY . .
COPY --from=portal /web/dist platform/portal/web/dist
# A server without its portal would build as well, and show nobody a page.
RUN test -s platform/portal/web/dist/index.html
ENV SQLX_OFFLINE=true CARGO_INCREMENTAL=0
# Without the feature demo: no S3 server, no mail sink, no private PostgreSQL in production. The compiler of plugins in a
# call of its own: in one with the server it would be linked into it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/huella/target \
    cargo build --release --locked --package server --bin huella && cp target/release/huella /usr/local/bin/ && \
    cargo build --release --locked --package huella-compilar && cp target/release/huella-compilar /usr/local/bin/

# glibc, root certificates and time zones; no shell, no package manager; runs as uid 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/huella /usr/local/bin/huella-compilar /usr/local/bin/
COPY --from=build /huella/tenants /etc/huella/tenants
COPY LICENSE /usr/share/doc/huella/LICENSE
ENV HUELLA_ESCUCHA=0.0.0.0:8080 HUELLA_CLAVES=/var/lib/huella/claves
EXPOSE 8080
USER nonroot
ENTRYPOINT ["/usr/local/bin/huella"]
CMD ["serve"]
