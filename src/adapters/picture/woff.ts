import { inflateSync } from "node:zlib";

const headBytes = 44;
const entryBytes = 20;
const sfntHeadBytes = 12;
const sfntEntryBytes = 16;

/**
 * The font inside a WOFF 1.0 file (https://www.w3.org/TR/WOFF/): the same tables, each deflated on its own. resvg
 * reads only the plain form.
 */
export function sfntOfWoff(woff: Buffer): Buffer {
  if (woff.toString("latin1", 0, 4) !== "wOFF") throw new TypeError("not a WOFF file");
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, index) => tableAt(woff, headBytes + index * entryBytes));
  const head = Buffer.alloc(sfntHeadBytes + count * sfntEntryBytes);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  const power = Math.floor(Math.log2(count));
  head.writeUInt16BE(2 ** power * sfntEntryBytes, 6);
  head.writeUInt16BE(power, 8);
  head.writeUInt16BE((count - 2 ** power) * sfntEntryBytes, 10);
  const parts: Buffer[] = [head];
  let offset = head.length;
  for (const [index, { tag, checksum, bytes }] of tables.entries()) {
    const at = sfntHeadBytes + index * sfntEntryBytes;
    tag.copy(head, at);
    head.writeUInt32BE(checksum, at + 4);
    head.writeUInt32BE(offset, at + 8);
    head.writeUInt32BE(bytes.length, at + 12);
    const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4);
    parts.push(bytes, padding);
    offset += bytes.length + padding.length;
  }
  return Buffer.concat(parts);
}

type Table = { readonly tag: Buffer; readonly checksum: number; readonly bytes: Buffer };

function tableAt(woff: Buffer, entry: number): Table {
  const [offset, packed, plain] = [4, 8, 12].map((at) => woff.readUInt32BE(entry + at)) as [number, number, number];
  const kept = woff.subarray(offset, offset + packed);
  return {
    tag: woff.subarray(entry, entry + 4),
    checksum: woff.readUInt32BE(entry + 16),
    // A table that does not become smaller is kept as it is.
    bytes: packed < plain ? inflateSync(kept, { maxOutputLength: plain }) : kept,
  };
}
