FROM node:24-bookworm-slim AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY rolldown.config.mjs vite.config.ts tsconfig.json tsconfig.base.json ./
COPY bin bin
COPY scripts scripts
COPY src src
COPY emulator emulator
COPY web web
RUN npm run build
RUN mkdir -p /state

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
ENV DATABASE_URL=sqlite:/var/lib/zonewright/state.db
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=1000:1000 /state /var/lib/zonewright
COPY --from=build /app/package.json ./
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
# What cannot be bundled, because it has parts made for the machine.
COPY --from=build /app/node_modules/better-sqlite3/package.json node_modules/better-sqlite3/
COPY --from=build /app/node_modules/better-sqlite3/lib node_modules/better-sqlite3/lib
COPY --from=build /app/node_modules/better-sqlite3/prebuilds/linux-x64.node /app/node_modules/better-sqlite3/prebuilds/linux-arm64.node node_modules/better-sqlite3/prebuilds/
COPY --from=build /app/node_modules/@node-rs node_modules/@node-rs
# The user "node" of the base image, by number, so that Kubernetes can tell that it is not root.
USER 1000:1000
# The webhook, the dashboard, and probes and metrics.
EXPOSE 7100 3000 9100
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT || 9100}/livez`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/bin/zonewright"]
CMD ["serve"]
