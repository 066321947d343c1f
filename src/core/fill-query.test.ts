import assert from "node:assert/strict";
import { test } from "node:test";
import { fillQuery } from "./fill-query.ts";
import type { Release } from "./release.ts";

const release = { number: 7, commit: { sha: "c0ffee" } } as Release;
const hosts = ["web-1", "web.2"].map((name, index) => ({ name, address: `10.0.1.1${index}`, server: name }));
const filled = (query: string) => fillQuery(query, { hosts, release });

test("a query finds the canary by its hosts, its addresses, its release or its commit", () => {
  assert.equal(filled('up{instance=~"({{ hosts }})(:.*)?"}'), 'up{instance=~"(web-1|web[.]2)(:.*)?"}');
  assert.equal(filled('up{instance=~"{{addresses}}:8080"}'), 'up{instance=~"10[.]0[.]1[.]10|10[.]0[.]1[.]11:8080"}');
  assert.equal(filled('v{r="{{ release }}",c="{{ commit }}"}'), 'v{r="7",c="c0ffee"}');
});

test("what is no placeholder stays as it was written", () => {
  for (const query of ["sum(rate(x[5m]))", "{{ other }}", '{a="{{b}}"}', "{{ hosts", "{ hosts }"])
    assert.equal(filled(query), query);
});
