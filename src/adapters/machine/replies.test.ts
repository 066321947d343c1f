import assert from "node:assert/strict";
import { test } from "node:test";
import { mark } from "./commands.ts";
import { machineSight, rootDirectory } from "./replies.ts";

/** As a Debian host answered it. */
const df = `Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda         263112772 14263456  81370112      15% /var/lib/docker
`;

test("a machine tells its disk and who listens", () => {
  assert.deepEqual(
    machineSight(`${df}${mark}\n0100007F:1F90\n00000000000000000000000000000000:0016\n0100007F:1F90\n`),
    {
      disk: { totalBytes: 263_112_772 * 1024, freeBytes: 81_370_112 * 1024 },
      listening: [8080, 22],
    },
  );
});

test("what it does not tell is absent and not nothing", () => {
  assert.deepEqual(machineSight(`${mark}\n0100007F:1F90\n`), { listening: [8080] });
  assert.deepEqual(machineSight("df: /var/lib/docker: No such file or directory\n"), {});
  assert.deepEqual(machineSight(""), {});
});

test("an engine says where it keeps its images; anything else is no answer", () => {
  assert.equal(rootDirectory('{"ID":"x","DockerRootDir":"/data/docker"}'), "/data/docker");
  for (const text of ["", "<html>", "[]", "null", '{"DockerRootDir":""}', '{"DockerRootDir":7}'])
    assert.equal(rootDirectory(text), undefined, text);
});
