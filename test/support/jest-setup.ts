// SPDX-License-Identifier: Apache-2.0
// What Jest runs in front of every test file: a test in which a planted secret comes to light fails.

import { takeLeaks } from "./secrets.js";
import { isOurs, watchForSecrets } from "./secrets-watch.js";

const stopWatching = watchForSecrets();

function failOnLeaks(): void {
  const leaks = takeLeaks(isOurs);
  if (leaks.length > 0) throw new Error(`secrets came to light:\n  ${leaks.join("\n  ")}`);
}

afterEach(failOnLeaks);
afterAll(() => {
  stopWatching();
  failOnLeaks();
});
