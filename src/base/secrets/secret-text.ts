// SPDX-License-Identifier: Apache-2.0
// What may be shown of a text from elsewhere: known secrets and what looks like one are masked, and a path is quoted only
// if it can be one. Knows no error and no file.

const MASK = "[hidden]";

/** What secrets look like, wherever they appear. */
const SHAPES: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/-----BEGIN [^-]*-----(?!")[\s\S]*?(?:-----END [^-]*-----|$)/g, MASK],
  // A JWT, and JSON in base64.
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, MASK],
  [/\b(?:ya29\.|1\/\/0|GOCSPX-|AIza)[\w.~+/-]{8,}/g, MASK],
  [/\b(Bearer|Basic) +[\w.~+/-]{8,}=*/gi, `$1 ${MASK}`],
  // User and password in a URL, other than in our own hints.
  [/\b([a-z][a-z\d+.-]{0,20}:\/\/)(?!user:password@)[^\s/?#@"':]*:[^\s/?#@"']+@/gi, `$1${MASK}@`],
  // A form field or JSON member, even if the JSON is itself quoted in a string.
  [
    /\b((?:assertion|client_secret|password|(?:private_key|(?:refresh|access|id|subject|actor)_token)(?:_id)?|accessToken|signedJwt|signedBlob)=)[^\s&"']+/gi,
    `$1${MASK}`,
  ],
  [
    /("(?:assertion|client_secret|password|private_key|(?:refresh|access|id|subject|actor)_token|accessToken|signedJwt|signedBlob|token|payload)"\s*:\s*")(?:[^"\\]|\\[\s\S])*/gi,
    `$1${MASK}`,
  ],
  [
    /(\\"(?:assertion|client_secret|password|private_key|(?:refresh|access|id|subject|actor)_token|accessToken|signedJwt|signedBlob|token|payload)\\"\s*:\s*\\")(?:(?!\\")[\s\S])*/gi,
    `$1${MASK}`,
  ],
];

/** Runs of this length are not words. */
const LONG_RUN = /[\w+/=-]{64,}/g;

/** Nobody reads more of an error, and patterns overflow the stack of the engine on texts of megabytes. */
const LONGEST_TEXT = 100_000;

/**
 * A text with its secrets masked; of one that is longer than any message, the beginning.
 *
 * @param known secrets that the text may repeat, in any of the forms in which they are sent
 */
export function maskSecrets(text: string, known: readonly string[] = []): string {
  let shown = text;
  for (const secret of known) {
    // Anything shorter could be part of any word; no form of it is shorter than itself.
    if (secret.length < 6 || secret.length > shown.length) continue;
    // Half a surrogate pair cannot be in a URL: it is sent as U+FFFD.
    const forms = [secret, encodeURIComponent(Buffer.from(secret).toString()), JSON.stringify(secret).slice(1, -1)];
    for (const form of [...forms, new URLSearchParams([["", secret]]).toString().slice(1)]) {
      shown = shown.replaceAll(form, MASK);
    }
  }
  if (shown.length > LONGEST_TEXT) shown = `${shown.slice(0, LONGEST_TEXT)}…`;
  for (const [pattern, replacement] of SHAPES) shown = shown.replace(pattern, replacement);
  return shown.replace(LONG_RUN, (run) => (isRandom(run) ? MASK : run));
}

/** A long run with letters of both cases: base64, rather than the folders of a path or a hexadecimal digest. */
function isRandom(run: string): boolean {
  return run.split("/").some((part) => part.length >= 32 && /[a-z]/.test(part) && /[A-Z]/.test(part));
}

/** No file system accepts longer paths, and nobody writes them. */
const LONGEST_PATH = 1024;

/** Whether a text can be the path of a file, and not the contents of one. */
export function isPath(text: string): boolean {
  if (text === "" || text.length > LONGEST_PATH || text.includes("{")) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return !/[\u0000-\u001f]/.test(text) && !/^(ey|ew)[\w+/=-]{30,}$/.test(text) && maskSecrets(text) === text;
}

/** A text that was given as a path, as shown in a message: quoted only if it can be a path. */
export function describePath(text: string): string {
  return isPath(text) ? text : "the given value, which is not a path";
}
