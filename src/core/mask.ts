import type { Secret } from "./secret.ts";

/** Shorter ones would mask half of every text, and protect nothing. */
const minSecretLength = 4;
const minLineLength = 6;
const minEncodedLength = 6;
const shown = "[secret]";

/**
 * Replaces every secret in a text by `[secret]`: plain, line by line, URL-encoded, as a JSON string, and in base64 also
 * where it stands in the middle of something longer (`user:password` of a Basic authorization).
 */
export function makeMask(secrets: readonly Secret[]): (text: string) => string {
  return (text) => {
    const stream = maskStream(secrets);
    return stream.write(text) + stream.flush();
  };
}

export type MaskStream = {
  /** As much of the text so far as can be shown; what may be the start of a secret is held back. */
  write(chunk: string): string;
  /** What was held back; nothing more may come. */
  flush(): string;
};

/** The same for text that comes in pieces: a secret that is split over two of them is masked too. */
export function maskStream(secrets: readonly Secret[]): MaskStream {
  const needles = secretForms(secrets);
  let buffer = "";
  // How much of the buffer's start belongs to a secret whose `[secret]` is already out.
  let covered = 0;
  let endsMasked = false;

  function emit(end: number): string {
    const spans = findSpans(buffer, needles, covered);
    let out = "";
    let at = 0;
    for (const [from, to] of spans) {
      if (from >= end) break;
      out += buffer.slice(at, from);
      if (!(from === 0 && endsMasked)) out += shown;
      at = Math.min(to, end);
      covered = Math.max(0, to - end);
    }
    out += buffer.slice(at, end);
    if (end > 0) endsMasked = spans.some(([from, to]) => from < end && to >= end);
    if (!endsMasked) covered = 0;
    buffer = buffer.slice(end);
    return out;
  }

  return {
    write(chunk) {
      buffer += chunk;
      return emit(undecidedFrom(buffer, needles));
    },
    flush: () => emit(buffer.length),
  };
}

type Span = readonly [from: number, to: number];

/** Where secrets are; those that overlap or touch are one. */
function findSpans(text: string, needles: readonly string[], covered: number): readonly Span[] {
  const found: Span[] = covered > 0 ? [[0, covered]] : [];
  for (const needle of needles) {
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1))
      found.push([at, at + needle.length]);
  }
  const merged: Span[] = [];
  for (const [from, to] of found.sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last && from <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)];
    else merged.push([from, to]);
  }
  return merged;
}

/** From here on the text may be the beginning of a secret, or of a character, that the next piece completes. */
function undecidedFrom(text: string, needles: readonly string[]): number {
  let earliest = text.length;
  for (const needle of needles) {
    const first = needle.charAt(0);
    const start = Math.max(0, text.length - needle.length + 1);
    for (let at = text.indexOf(first, start); at >= 0 && at < earliest; at = text.indexOf(first, at + 1)) {
      if (needle.startsWith(text.slice(at))) earliest = at;
    }
  }
  const isHalfCharacter = /[\uD800-\uDBFF]/.test(text.charAt(earliest - 1));
  return isHalfCharacter ? earliest - 1 : earliest;
}

function secretForms(secrets: readonly Secret[]): readonly string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const value = secret.reveal();
    if (value.length < minSecretLength) continue;
    const lines = value.split(/\r?\n/).filter((line) => line.length >= minLineLength);
    for (const plain of [value, ...(lines.length > 1 ? lines : [])]) {
      forms.add(plain);
      forms.add(encodeURIComponent(plain.toWellFormed()));
      forms.add(encodeURIComponent(plain.toWellFormed()).replaceAll("%20", "+"));
      forms.add(JSON.stringify(plain).slice(1, -1));
      for (const encoded of base64Forms(plain)) forms.add(encoded);
    }
  }
  return [...forms];
}

/**
 * Three bytes are four letters, so a value looks in one of three ways, by where in its three it begins. Of each we take
 * the letters that do not depend on its neighbours.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = new TextEncoder().encode(value);
  const forms = [base64(bytes), base64(bytes).replaceAll("=", "")];
  for (const offset of [0, 1, 2]) {
    const shifted = new Uint8Array(offset + bytes.length);
    shifted.set(bytes, offset);
    const inner = base64(shifted).slice(Math.ceil((offset * 8) / 6), Math.floor((shifted.length * 8) / 6));
    if (inner.length >= minEncodedLength) forms.push(inner);
  }
  return forms.flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

const base64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
