// SPDX-License-Identifier: Apache-2.0
// The floor of a cold start: a bare node:tls connection and the first bytes of the server. No call is made on it.

const { connect } = require("node:tls");

exports.open = ({ target, ca }) => {
  const [host, port] = target.split(":");
  let socket;
  return {
    call: () =>
      new Promise((resolve, reject) => {
        socket = connect({ host, port, ca, servername: host, ALPNProtocols: ["h2"] });
        socket.once("data", resolve);
        socket.once("error", reject);
      }),
    close: () => socket.destroy(),
  };
};
