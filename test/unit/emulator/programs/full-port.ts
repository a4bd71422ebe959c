// SPDX-License-Identifier: Apache-2.0
// Opens more connections than a port may have, closes one, and opens another. Prints what became of each.

import { connect, type Socket } from "node:net";
import { openFrontListener } from "../../../../src/emulator/ports/front-listener.js";

async function main(): Promise<void> {
  const taken: Socket[] = [];
  let tell = () => {};
  const http1 = (socket: Socket) => {
    taken.push(socket);
    tell();
  };
  const front = await openFrontListener(0, { http1 }, undefined, { maxConnections: 3 });
  const open = () =>
    new Promise<"served" | "closed">((resolve) => {
      tell = () => resolve("served");
      const socket = connect(front.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\n"));
      socket.on("error", () => {}).once("close", () => resolve("closed"));
    });
  const outcomes: string[] = [];
  for (let index = 0; index < 6; index++) outcomes.push(await open());
  const [gone] = taken;
  if (gone !== undefined) await new Promise((resolve) => gone.once("close", resolve).destroy());
  outcomes.push(await open());
  await front.close();
  process.stdout.write(outcomes.join(" "));
}

void main();
