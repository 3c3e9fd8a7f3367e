# The server in an image that holds nothing else.
# Not the slim one: jemalloc is built with make.
FROM rust:1.90-bookworm AS build
WORKDIR /build
COPY . .
# jemalloc takes the pages of the machine that builds it; kernels for ARM have larger ones, too.
RUN case "$(uname -m)" in aarch64) export JEMALLOC_SYS_WITH_LG_PAGE=16 ;; esac; \
    RUSTFLAGS="-C target-feature=+crt-static" \
    cargo build --locked --release --package shardbrook-server --target "$(rustc --print host-tuple)" \
    && mkdir -p /image/data \
    && cp target/*/release/shardbrook /image/shardbrook

FROM scratch
COPY --from=build --chown=65532:65532 /image /
USER 65532:65532
# Only of the container: which machines reach the port is a matter of how it is published.
EXPOSE 4567
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/shardbrook", "health"]
ENTRYPOINT ["/shardbrook"]
CMD ["serve", "--host", "0.0.0.0"]
