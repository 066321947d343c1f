import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { Pictures } from "#ports/pictures.ts";
import { sfntOfWoff } from "./woff.ts";

const zoom = 2;
const fontFiles = ["latin-400", "latin-700", "latin-ext-400", "latin-ext-700"].map(
  (name) => `@fontsource/lato/files/lato-${name}-normal.woff`,
);

/**
 * resvg as WebAssembly: the same on every machine, no native package, no system fonts. Nothing is loaded before the
 * first picture is asked for.
 */
export function resvgPictures(): Pictures {
  let loading: Promise<Uint8Array[]> | undefined;
  return {
    async png(svg) {
      loading ??= load();
      const fontBuffers = await loading;
      const font = { fontBuffers, defaultFontFamily: "Lato", sansSerifFamily: "Lato" };
      const drawing = new Resvg(svg, { font, fitTo: { mode: "zoom", value: zoom } });
      try {
        const image = drawing.render();
        try {
          return image.asPng();
        } finally {
          image.free();
        }
      } finally {
        drawing.free();
      }
    },
  };
}

/** Once a process: the library refuses a second start of itself. */
async function load(): Promise<Uint8Array[]> {
  started ??= readModuleFile("@resvg/resvg-wasm/index_bg.wasm").then((wasm) => initWasm(wasm));
  await started;
  return Promise.all(fontFiles.map(async (file) => sfntOfWoff(await readModuleFile(file))));
}
let started: Promise<void> | undefined;

const { resolve } = createRequire(import.meta.url);
const readModuleFile = (name: string): Promise<Buffer> => readFile(resolve(name));
