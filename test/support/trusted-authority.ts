// SPDX-License-Identifier: Apache-2.0
// A certificate authority that grpc-js trusts in this test file. Import it before anything that loads grpc-js, which reads the
// variable when it is loaded.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificateAuthority } from "./certificate-authority.js";

/** The authority. */
export const trustedAuthority = createCertificateAuthority();

const file = join(mkdtempSync(join(tmpdir(), "authority-")), "root.pem");
writeFileSync(file, trustedAuthority.certificate);
process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = file;
