// SPDX-License-Identifier: Apache-2.0
// Asks an agent identity whose file FILE is no certificate for its chain, three times. Prints what it gets; the warnings are Node's.

import { AgentIdentity } from "../../../../src/auth/metadata-server/agent-identity.js";
import { systemClock } from "../../../../src/base/clock.js";

async function main(): Promise<void> {
  const environment = { GOOGLE_API_CERTIFICATE_CONFIG: process.env["FILE"] ?? "" };
  const identity = new AgentIdentity({ environment, clock: systemClock });
  const chains = [];
  for (let asked = 0; asked < 3; asked++) chains.push((await identity.certificateChain(undefined)) ?? "none");
  process.stdout.write(chains.join(" "));
}

void main();
