// SPDX-License-Identifier: Apache-2.0
// A client process that reads server streams, one after the other: the first to warm up, then as many as are asked for. Prints one line of
// JSON. The argument is { client: "ours" | "stub", server, replies, streams }.

const PATH = "/bench.v1.Streams/Many";
const deserialize = (bytes) => bytes.length;

const OPEN = {
  ours({ target, ca }) {
    const { createServiceClient, rowFromStub } = require("iam-credentials-client");
    const stub = {
      path: PATH,
      requestStream: false,
      responseStream: true,
      requestSerialize: (text) => Buffer.from(text),
      responseDeserialize: deserialize,
    };
    const service = { name: "Streams", hostPrefix: "streams", scopes: [], emulatorVariable: "STREAMS_EMULATOR_HOST" };
    const credentials = { getRequestMetadata: () => ({}) };
    const rows = { many: rowFromStub(stub, { timeout: Infinity, normalize: String }) };
    const client = createServiceClient(service, rows, { apiEndpoint: target, rootCertificates: ca, credentials });
    return { read: (replies) => client.many(replies), close: () => client.close() };
  },
  stub({ target, ca }) {
    const { Client, credentials } = require("@grpc/grpc-js");
    const client = new Client(target, credentials.createSsl(Buffer.from(ca)));
    return {
      read: (replies) =>
        client.makeServerStreamRequest(PATH, (text) => Buffer.from(text), deserialize, String(replies)),
      close: () => client.close(),
    };
  },
};

async function main({ client: name, server, replies, streams }) {
  const client = OPEN[name](server);
  const readAll = async () => {
    let count = 0;
    for await (const length of client.read(replies)) count += length > 0 ? 1 : 0;
    if (count !== replies) throw new Error(`${count} replies instead of ${replies}`);
  };
  await readAll();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let stream = 0; stream < streams; stream++) await readAll();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const all = replies * streams;
  await client.close();
  const figures = { repliesPerSecond: all / seconds, cpuSecondsPer100k: ((user + system) / 1e6 / all) * 100_000 };
  process.stdout.write(JSON.stringify(figures));
}

main(JSON.parse(process.argv[2]));
