import assert from "node:assert/strict";
import { test } from "node:test";
import { AnsiReader, type Line, lineLimit } from "./ansi.ts";

const esc = "\u001b";

const read = (...parts: string[]): Line[] => {
  const reader = new AnsiReader();
  const ended = parts.flatMap((part) => reader.feed(part));
  return reader.unfinished.length > 0 ? [...ended, reader.unfinished] : ended;
};
const texts = (...parts: string[]): string[] => read(...parts).map((line) => line.map((span) => span.text).join(""));

test("plain lines stay as they are, also with Windows ends and an unfinished last one", () => {
  assert.deepEqual(texts("one\ntwo\r\n\nthree"), ["one", "two", "", "three"]);
});

test("markup is text like any other", () => {
  assert.deepEqual(read("<script>alert(1)</script>&amp;\n"), [[{ text: "<script>alert(1)</script>&amp;", style: {} }]]);
});

test("colours and weight are kept until they are taken back, over the ends of lines", () => {
  assert.deepEqual(read(`${esc}[1;31mred\nstill${esc}[0m plain`), [
    [{ text: "red", style: { bold: true, foreground: 1 } }],
    [
      { text: "still", style: { bold: true, foreground: 1 } },
      { text: " plain", style: {} },
    ],
  ]);
  assert.deepEqual(
    read(`${esc}[92;44ma${esc}[39mb${esc}[49mc`)[0]?.map((span) => span.style),
    [{ foreground: 10, background: 4 }, { background: 4 }, {}],
  );
});

test("256 colours and mixed colours become the nearest of the sixteen", () => {
  const colour = (parameters: string) => read(`${esc}[${parameters}mx`)[0]?.[0]?.style.foreground;
  assert.deepEqual(
    ["38;5;9", "38;5;196", "38;5;22", "38;5;231", "38;5;240", "38;2;255;0;0", "38;2;10;10;10"].map(colour),
    [9, 9, 2, 15, 8, 9, 0],
  );
  assert.deepEqual(read(`${esc}[38;5;999;1mx`)[0]?.[0]?.style, { bold: true });
});

test("a lone carriage return starts its line again, as progress bars mean it", () => {
  assert.deepEqual(texts("10%\r50%\r100%\ndone"), ["100%", "done"]);
  assert.deepEqual(texts("10%\r", "\nnext"), ["10%", "next"]);
  assert.deepEqual(texts(`long line\r${esc}[Kx`), ["x"]);
});

test("cursor movements, titles, links and unknown sequences leave nothing behind", () => {
  const hostile = `a${esc}[2J${esc}[10;10Hb${esc}]0;title\u0007c${esc}]8;;http://x${esc}\\d${esc}(B${esc}Me\u009b31mf`;
  assert.deepEqual(texts(hostile), ["abcdef"]);
  assert.deepEqual(texts("a\u202eb\u2066c\u2028d\u0000e\u0008f"), ["abcdef"]);
});

test("an unfinished title does not swallow the rest of the log", () => {
  assert.deepEqual(texts(`${esc}]0;never ended\nnext`), ["", "next"]);
});

test("a sequence of megabytes is swallowed without being kept", () => {
  const digits = "1;".repeat(1_000_000);
  assert.deepEqual(texts(`a${esc}[${digits}mb${esc}]${digits}\u0007c`), ["abc"]);
});

test("a line of megabytes is cut, and says so", () => {
  const [line] = texts(`${"x".repeat(3_000_000)}\n`);
  assert.equal(line, `${"x".repeat(lineLimit)} … ${3_000_000 - lineLimit} more characters`);
});

test("ten megabytes are read in a moment", () => {
  const text = `${esc}[32mok${esc}[0m a line of ordinary length that a build might write\n`.repeat(150_000);
  const started = performance.now();
  assert.equal(new AnsiReader().feed(text).length, 150_000);
  assert.ok(performance.now() - started < 3_000);
});
