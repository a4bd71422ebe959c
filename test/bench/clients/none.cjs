// SPDX-License-Identifier: Apache-2.0
// No client at all: what a bare Node costs before any of its program runs. For cold starts only.

exports.open = () => ({ call: () => undefined, close() {} });
