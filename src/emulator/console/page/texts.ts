// SPDX-License-Identifier: Apache-2.0
// How instants, lengths of time and names are written. Times are UTC, as the emulator's log has them.

/** The time of day, `12:01:02.345`. */
export function formatTime(instant: string): string {
  return instant.slice(11, 23);
}

/** Day and time, `2026-11-27 12:01:02`. */
export function formatInstant(instant: string | number): string {
  return new Date(instant).toISOString().slice(0, 19).replace("T", " ");
}

const units: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
];

/** A length of time in its two largest units, `1 h 5 min`. */
export function formatSpan(ms: number): string {
  let left = Math.round(Math.abs(ms) / 1000) * 1000;
  const words = units.flatMap(([unit, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return words.length === 0 ? "0 s" : words.slice(0, 2).join(" ");
}

/** A principal or an e-mail, shortened without loss: no `user:`, and no suffix that all accounts share. */
export function shortName(name: string): string {
  return name.replace(/^(user|serviceAccount):/, "").replace(/\.iam\.gserviceaccount\.com$/, "");
}

/** Who calls, as a member: a bare e-mail is a service account if its suffix says so, and a user otherwise. */
export function memberOf(text: string): string {
  const name = text.trim();
  if (
    /^(user|serviceAccount|group|domain|deleted):|^principal(Set)?:\/\/|^all(Authenticated)?Users$|^owner$/.test(name)
  )
    return name;
  return `${name.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user"}:${name}`;
}
