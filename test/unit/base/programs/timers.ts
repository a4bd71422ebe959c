// SPDX-License-Identifier: Apache-2.0
// A program with a short wait that keeps it running and a long one that does not.

import { systemClock } from "../../../../src/base/clock.js";

systemClock.schedule(50, () => process.stdout.write("the wait that keeps the process alive is over\n"));
systemClock.schedule(120_000, () => process.stdout.write("the process outlived its last wait\n"), false);
