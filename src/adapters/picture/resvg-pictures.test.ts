import assert from "node:assert/strict";
import { test } from "node:test";
import { receiptPicture } from "#core/receipt-picture.ts";
import { sampleReceipt } from "#test/fakes/receipts.ts";
import { resvgPictures } from "./resvg-pictures.ts";

test("a receipt becomes a PNG of twice its size, and its letters are drawn", async () => {
  const pictures = resvgPictures();
  const svg = receiptPicture(sampleReceipt(), "light");
  const png = Buffer.from(await pictures.png(svg));
  assert.equal(png.toString("latin1", 1, 4), "PNG");
  assert.equal(png.readUInt32BE(16), 2_400);
  const bare = await pictures.png(svg.replace(/<text.*?<\/text>/g, ""));
  assert.ok(png.length > bare.length + 20_000, "without a font every letter is missing, and the file much smaller");
  await assert.rejects(resvgPictures().png("no picture"));
});
