// SPDX-License-Identifier: Apache-2.0
// Draws the records of a run as bars: an SVG per figure, for light and dark pages. Knows nothing of how a figure is measured.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "./statistics.mjs";

const NAMES = {
  ours: "iam-credentials-client",
  "ours-grpc-defaults": "the same, transport grpc-js",
  official: "@google-cloud/iam-credentials",
  stub: "bare grpc-js stub",
  http2: "bare node:http2",
};
const CLIENTS = Object.keys(NAMES);
const LEVELS = [1, 64, 256];

const [WIDTH, NAME_WIDTH, VALUE_WIDTH] = [720, 220, 70];
const [BAR, GAP, GROUP_GAP, TOP] = [16, 6, 26, 46];
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f; } .title { font-weight: 600; font-size: 15px; }
.soft { fill: #57606a; } .ours { fill: #0b6e4f; } .peer { fill: #8c959f; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .soft { fill: #9da7b1; } .ours { fill: #3fb68b; } .peer { fill: #6e7681; } }`;

const escapeXml = (text) => text.replace(/[&<>]/g, (each) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[each]);
const format = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toFixed(value < 10 ? 2 : 0);

/** Groups of bars under a title; the longest bar of a group has the whole width, since groups differ by orders of magnitude. */
function draw({ title, note, groups }) {
  const parts = [];
  let y = TOP;
  for (const { heading, bars } of groups) {
    if (heading !== undefined) {
      parts.push(`<text class="soft" x="0" y="${y + 12}">${escapeXml(heading)}</text>`);
      y += BAR + GAP;
    }
    const longest = Math.max(...bars.map(({ value }) => value));
    for (const { client, value } of bars) {
      const width = Math.max(1, (value / longest) * (WIDTH - NAME_WIDTH - VALUE_WIDTH));
      const kind = client.startsWith("ours") ? "ours" : "peer";
      parts.push(
        `<text x="${NAME_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escapeXml(NAMES[client])}</text>`,
        `<rect class="${kind}" x="${NAME_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<text x="${(NAME_WIDTH + width + 6).toFixed(1)}" y="${y + 13}">${format(value)}</text>`,
      );
      y += BAR + GAP;
    }
    y += GROUP_GAP - GAP;
  }
  const summary = groups.flatMap(({ heading = "", bars }) =>
    bars.map(({ client, value }) => `${heading} ${NAMES[client]}: ${format(value)}`.trim()),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">
<title>${escapeXml(title)}</title>
<desc>${escapeXml(summary.join("; "))}</desc>
<style>${STYLE}</style>
<text class="title" x="0" y="16">${escapeXml(title)}</text>
<text class="soft" x="0" y="34">${escapeXml(note)}</text>
${parts.join("\n")}
</svg>
`;
}

function barsOf(records, figure, clients = CLIENTS) {
  const bars = clients.map((client) => ({
    client,
    value: median(records.filter((record) => record.client === client).map(figure)),
  }));
  return bars.filter(({ value }) => !Number.isNaN(value));
}

function levelGroups(records, figure) {
  return LEVELS.map((inFlight) => ({
    heading: `${inFlight} in flight`,
    bars: barsOf(
      records.filter((record) => record.inFlight === inFlight),
      figure,
    ),
  }));
}

/** The plots that these records are enough for, by file name. */
export function drawPlots(records) {
  const of = (section) =>
    records.filter((record) => record.section === section && (record.security ?? "tls") === "tls");
  const throughput = of("throughput");
  const plots = {
    "throughput.svg": {
      title: "Calls a second over gRPC and TLS",
      note: "More is better. Answers come in bursts; every group has a scale of its own.",
      groups: levelGroups(throughput, ({ callsPerSecond }) => callsPerSecond),
    },
    "cpu.svg": {
      title: "CPU seconds of the client for 10,000 calls",
      note: "Less is better. The same calls.",
      groups: levelGroups(throughput, ({ cpuSecondsPer10k }) => cpuSecondsPer10k),
    },
    "cold-start.svg": {
      title: "From the start of the process to the first response, milliseconds",
      note: "Less is better. Net of what a Node process takes that does nothing.",
      groups: [{ bars: barsOf(of("cold"), ({ netAnsweredMs }) => netAnsweredMs) }],
    },
    "memory.svg": {
      title: "Peak memory of the client's process, MiB",
      note: "Less is better. After the calls of the memory section, everything included.",
      groups: [{ bars: barsOf(of("memory"), ({ peakRssMiB }) => peakRssMiB) }],
    },
  };
  const whole = Object.entries(plots).filter(([, { groups }]) => groups.every(({ bars }) => bars.length > 1));
  return Object.fromEntries(whole.map(([name, plot]) => [name, draw(plot)]));
}

/** Writes them. @returns the names of the files */
export function writePlots(records, folder) {
  mkdirSync(folder, { recursive: true });
  const plots = Object.entries(drawPlots(records));
  for (const [name, svg] of plots) writeFileSync(join(folder, name), svg);
  return plots.map(([name]) => name);
}
