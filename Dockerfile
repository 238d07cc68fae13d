# dp2mqtt in a container: nothing but Node, the built program and its libraries; runs as nobody in particular, with a
# read-only root and one writable folder, /data.

# What runs: libraries without their install scripts, and without those that only developers need.
FROM node:24-bookworm-slim AS libraries
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

# What is built with the developers' tools, which stay in this stage.
FROM node:24-bookworm-slim AS program
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
COPY page ./page
RUN npm run build && rm -f dist/.tsbuildinfo && find dist -name '*.map' -delete

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="dp2mqtt" \
      org.opencontainers.image.description="Joins Tuya-based smart homes to MQTT" \
      org.opencontainers.image.licenses="MIT"

# No package manager: nothing is installed in a running container.
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/bin/npm /usr/local/bin/npx \
      /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn* \
 && groupadd --gid 10001 dp2mqtt \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin dp2mqtt \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data

WORKDIR /opt/dp2mqtt
COPY --from=libraries /build/node_modules ./node_modules
COPY --from=program /build/dist ./dist
COPY package.json LICENSE ./
COPY schemas ./schemas
COPY world ./world

ENV NODE_ENV=production \
    DP2MQTT_STATE_DIRECTORY=/data \
    DP2MQTT_LOG_FORMAT=json
VOLUME /data
USER 10001:10001

# The program handles signals as process 1 and starts no children; `init: true` also covers the moment before it runs.
STOPSIGNAL SIGTERM

# Asks by node, since there is no other client in here; the port follows the setting http.port when that is given as
# DP2MQTT_HTTP_PORT.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "--max-old-space-size=16", "-e", "require('node:http').get({ host: '127.0.0.1', port: process.env.DP2MQTT_HTTP_PORT || 8080, path: '/livez', timeout: 4000 }, (reply) => process.exit(reply.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1)).on('timeout', () => process.exit(1))"]

# The heap stays well below the 384 MiB that a container should be given; __proto__ is of no use to anybody here.
ENTRYPOINT ["node", "--max-old-space-size=192", "--max-semi-space-size=16", "--disable-proto=delete", "/opt/dp2mqtt/dist/main.js"]
CMD ["serve"]
