// SPDX-License-Identifier: Apache-2.0
// The emulator: how soon it is ready, how many calls each face answers in a second, and how many it signs beside OpenSSL.

import { execFileSync } from "node:child_process";
import { runClient, startClient } from "../processes.mjs";
import { playRounds } from "../rounds.mjs";
import { median, medianRatio, valuesOf } from "../statistics.mjs";
import { table } from "../table.mjs";

const FACES = ["grpc", "grpc, tls", "rest", "token endpoint", "metadata server", "rest, signBlob"];
const SIGNING = "rest, signBlob";
const OPENSSL = "openssl speed rsa2048";
const IN_FLIGHT = 64;
const OPENSSL_SECONDS = 1;

/** Signatures per second on one core; undefined without OpenSSL's program. */
function signWithOpenssl() {
  const args = ["speed", "-seconds", String(OPENSSL_SECONDS), "rsa2048"];
  try {
    const output = execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const secondsEach = Number(/^rsa\s+2048 bits\s+([\d.]+)s/m.exec(output)?.[1]);
    return secondsEach > 0 ? 1 / secondsEach : undefined;
  } catch {
    return undefined;
  }
}

async function measureStarts(starts) {
  const records = [];
  for (const tls of [false, true]) {
    for (let round = 0; round < starts; round++) {
      const { loadMs, readyMs } = await runClient("ready", { client: "emulator", tls });
      records.push({ what: "start", tls, loadMs, readyMs });
    }
  }
  return records;
}

async function openEmulator(options) {
  const emulator = startClient("emulator", { client: "emulator", callers: ["nobody"], options }, ["--expose-gc"]);
  return { emulator, address: await emulator.ask({ ask: "address" }) };
}

async function measureFaces({ warmUpCalls, durationMs, turns }) {
  const [plain, tls] = [await openEmulator({}), await openEmulator({ tls: true })];
  const clients = {};
  for (const face of FACES) {
    const { address } = face.endsWith("tls") ? tls : plain;
    clients[face] = startClient("faces", { client: face, face, address });
    await clients[face].ask({ inFlight: IN_FLIGHT, calls: warmUpCalls });
  }
  const players = signWithOpenssl() === undefined ? FACES : [...FACES, OPENSSL];
  const records = await playRounds(players, turns, (player) =>
    player === OPENSSL
      ? { callsPerSecond: signWithOpenssl() }
      : clients[player].ask({ inFlight: IN_FLIGHT, durationMs }),
  );
  for (const client of Object.values(clients)) await client.last();
  for (const { emulator } of [plain, tls]) await emulator.last();
  return records.map((record) => ({ what: "face", ...record }));
}

/** A record per start, and one per turn of a face. */
export async function measure({ faces }) {
  return [...(await measureStarts(faces.starts)), ...(await measureFaces(faces))];
}

const startsOf = (records, tls) => records.filter(({ what, tls: its }) => what === "start" && its === tls);
const facesOf = (records) => records.filter(({ what }) => what === "face");
const speedsOf = (records, player) => valuesOf(facesOf(records), player, ({ callsPerSecond }) => callsPerSecond);
const hasOpenssl = (records) => speedsOf(records, OPENSSL).length > 0;

/** The tables of the section, by heading. */
export function report(records) {
  const players = hasOpenssl(records) ? [...FACES, OPENSSL] : FACES;
  const rows = players.map((player) => {
    const ratio = medianRatio(facesOf(records), player, "grpc", ({ callsPerSecond }) => callsPerSecond);
    return [player, median(speedsOf(records, player)).toFixed(0), ratio.toFixed(2)];
  });
  const starts = [false, true].map((tls) => {
    const middle = (figure) => median(startsOf(records, tls).map((record) => record[figure])).toFixed(1);
    return [tls ? "with TLS" : "without TLS", middle("readyMs"), middle("loadMs")];
  });
  const missing = hasOpenssl(records) ? "" : "; openssl is not installed, so signatures are not compared";
  return [
    [
      `Protocols of the emulator, ${IN_FLIGHT} in flight${missing}`,
      table(["protocol", "calls/s", "ratio to grpc"], rows),
    ],
    ["Start of the emulator, ms", table(["", "startEmulator()", "require before it"], starts)],
  ];
}

/** The figures that have a goal. */
export function goals(records) {
  const ready = (tls) => median(startsOf(records, tls).map(({ readyMs }) => readyMs));
  const signing = hasOpenssl(records)
    ? [
        [
          "signatures/s, emulator / openssl on one core",
          "none",
          medianRatio(facesOf(records), SIGNING, OPENSSL, (record) => record.callsPerSecond),
        ],
      ]
    : [];
  return [
    ["startEmulator() until it is ready, ms", "<= 150", ready(false)],
    ["startEmulator() with TLS until it is ready, ms", "<= 150", ready(true)],
    ...signing,
  ];
}
