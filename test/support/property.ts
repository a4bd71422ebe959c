// SPDX-License-Identifier: Apache-2.0
// fast-check, drawing the same cases each time: a run fails for what was changed and not by chance. Other cases are drawn for
// whoever looks for trouble: `PROPERTY_SEED=1234 npx jest test/property`.

import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? 20_261_122) });

export { fc };
