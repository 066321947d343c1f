import assert from "node:assert/strict";
import { test } from "node:test";
import { librariesOf } from "./base-image-tar.ts";

test("the libraries and the loader are taken from what ldd prints, the kernel's own page is not", () => {
  const printed = [
    "\tlinux-vdso.so.1 (0x00007ffd3b5f2000)",
    "\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f0a7c3d0000)",
    "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0a7be00000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f0a7c3e8000)",
  ].join("\n");
  assert.deepEqual(librariesOf(printed), [
    "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});
