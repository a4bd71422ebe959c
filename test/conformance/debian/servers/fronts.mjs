// SPDX-License-Identifier: Apache-2.0
// Starts servers that Debian has: gRPC's C core, Go's grpc, and nginx, nghttpx and haproxy before the first. Each on a port of its own, with TLS
// or without, and with a way to make it drain its connections while it goes on. Checks nothing.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function waitForPort(port) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("close", () => socket.destroy());
      socket.on("connect", () => socket.end());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens at ${port}`);
}

/** Runs a program until it is closed; its last lines are told when it ends by itself. */
function run(command, args, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => (said = `${said}${text}`.slice(-2_000)));
  const ended = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  return {
    signal: (name) => child.kill(name),
    said: () => said,
    ended,
    async close(name = "SIGTERM") {
      child.kill(name);
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** gRPC's C core. */
export async function startCore(identity, env = {}) {
  const port = await freePort();
  const tls = identity === undefined ? [] : [identity.cert, identity.key];
  const server = run("/usr/bin/python3", ["-B", join(here, "core_server.py"), String(port), ...tls], env);
  await waitForPort(port);
  return { port, close: () => server.close() };
}

/** Go's grpc, as compiled into a folder. */
export async function startGo(program, identity, env = {}) {
  const port = await freePort();
  const tls = identity === undefined ? [] : [identity.cert, identity.key];
  const server = run(program, [String(port), ...tls], env);
  await waitForPort(port);
  return { port, close: () => server.close() };
}

/** nginx before a gRPC server. It drains its connections after each hundred requests, and when it reads its configuration again. */
export async function startNginx(folder, backend, { cert, key }) {
  const port = await freePort();
  const home = join(folder, "nginx");
  mkdirSync(home, { recursive: true });
  const file = join(home, "nginx.conf");
  writeFileSync(
    file,
    `pid ${home}/pid; error_log ${home}/error.log; daemon off; master_process on; worker_processes 1;
events { worker_connections 512; }
http {
  access_log off; client_body_temp_path ${home}/body; proxy_temp_path ${home}/proxy; fastcgi_temp_path ${home}/f;
  uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s; keepalive_requests 100; http2_max_concurrent_streams 20;
  client_max_body_size 0; http2_body_preread_size 1k;
  server {
    listen 127.0.0.1:${port} ssl http2; ssl_certificate ${cert}; ssl_certificate_key ${key};
    location / { grpc_pass grpc://127.0.0.1:${backend}; grpc_read_timeout 60s; grpc_buffer_size 64k; }
  }
}
`,
  );
  const server = run("nginx", ["-c", file, "-p", home]);
  await waitForPort(port);
  return { port, drain: () => server.signal("SIGHUP"), close: () => server.close("SIGTERM") };
}

/** nghttpx before a gRPC server. */
export async function startNghttpx(folder, backend, { cert, key }) {
  const port = await freePort();
  const args = [
    `-f127.0.0.1,${port}`,
    `-b127.0.0.1,${backend};;proto=h2`,
    "--workers=1",
    "-LFATAL",
    `--pid-file=${folder}/nghttpx.pid`,
  ];
  const server = run("nghttpx", ["--conf=/dev/null", ...args, key, cert]);
  await waitForPort(port);
  return { port, close: () => server.close() };
}

/** haproxy before a gRPC server. It drains its connections when it is told to read its configuration again. */
export async function startHaproxy(folder, backend, { combined }) {
  const port = await freePort();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(
    file,
    `global
  maxconn 512
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port} ssl crt ${combined} alpn h2
  default_backend back
backend back
  server core 127.0.0.1:${backend} proto h2
`,
  );
  const server = run("haproxy", ["-W", "-f", file]);
  await waitForPort(port);
  return { port, drain: () => server.signal("SIGUSR2"), close: () => server.close("SIGTERM") };
}
