import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readJunit, sumReports } from "./junit.ts";

/** Recorded from Node 24's own reporter; the stacks are shortened. */
const node = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testsuite name="sums" time="0.003444" disabled="0" errors="0" tests="5" failures="2" skipped="2" hostname="vm">
		<testcase name="adds" time="0.000480" classname="sums" file="a.test.js"/>
		<testcase name="is less than &lt;1>" time="0.000606" classname="sums" file="a.test.js" failure="1 == 2">
			<failure type="testCodeFailure" message="1 == 2">
Error [ERR_TEST_FAILURE]: 1 == 2
      at TestContext.&lt;anonymous> (a.test.js:2:80)
			</failure>
		</testcase>
		<testcase name="later" time="0.000081" classname="sums" file="a.test.js">
			<skipped type="skipped" message="true"/>
		</testcase>
		<testcase name="never written" time="0.000058" classname="sums" file="a.test.js">
			<skipped type="todo" message="true"/>
		</testcase>
		<testsuite name="inner" time="0.001245" disabled="0" errors="0" tests="1" failures="1" skipped="0" hostname="vm">
			<testcase name="throws" time="0.000096" classname="sums.inner" file="a.test.js" failure="line one&#10;line two">
				<failure type="testCodeFailure" message="line one&#10;line two">
Error [ERR_TEST_FAILURE]: line one
line two
				</failure>
			</testcase>
		</testsuite>
	</testsuite>
	<testcase name="top" time="0.000092" classname="test" file="a.test.js"/>
	<!-- tests 6 -->
	<!-- suites 2 -->
</testsuites>
`;

/** Recorded from pytest 8. */
const pytest = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.148" timestamp="2026-11-23T17:47:04.453487+00:00" hostname="vm"><testcase classname="test_a" name="test_ok" time="0.000" /><testcase classname="test_a" name="test_bad" time="0.000"><failure message="AssertionError: one &amp; two&#10;assert 1 == 2">&gt;   def test_bad(): assert 1 == 2, "one &amp; two"
E   AssertionError: one &amp; two

test_a.py:3: AssertionError</failure></testcase><testcase classname="test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="later">test_a.py:4: later</skipped></testcase><testcase classname="test_a" name="test_err" time="0.000"><error message="failed on setup with &quot;RuntimeError: no set-up&quot;">E   RuntimeError: no set-up</error></testcase></testsuite></testsuites>`;

/** As Maven Surefire's schema has it: one suite is the root, output is kept, a flaky test passed in the end. */
const surefire = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" name="com.acme.HelloTest" time="0.05" tests="4" errors="1" skipped="1" failures="0">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="says" classname="com.acme.HelloTest" time="0.002"><system-out><![CDATA[<testcase> in the output]]></system-out></testcase>
  <testcase name="breaks" classname="com.acme.HelloTest" time="0.001"><error message="/ by zero" type="java.lang.ArithmeticException"><![CDATA[java.lang.ArithmeticException: / by zero]]></error></testcase>
  <testcase name="waits" classname="com.acme.HelloTest" time="0"><skipped/></testcase>
  <testcase name="shakes" classname="com.acme.HelloTest" time="0.003"><flakyFailure message="at first">once</flakyFailure></testcase>
</testsuite>`;

/** As jest-junit writes it: the failure is a text without attributes. */
const jest = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="2" failures="1" errors="0" time="0.6">
  <testsuite name="hello" errors="0" failures="1" skipped="0" timestamp="2026-11-23T17:00:00" time="0.4" tests="2">
    <testcase classname="hello says" name="hello says" time="0.002"></testcase>
    <testcase classname="hello is polite" name="hello is polite" time="0.001">
      <failure>Error: expect(received).toBe(expected) // Object.is equality

Expected: &quot;please&quot;</failure>
    </testcase>
  </testsuite>
</testsuites>`;

const counts = ({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }) => [
  passed,
  failed,
  skipped,
];

describe("reading a JUnit report", () => {
  test("of Node: suites in suites, and a test beside them", () => {
    const report = readJunit(node, "node.xml");
    assert.deepEqual(counts(report), [2, 2, 2]);
    assert.deepEqual(
      [...report.failures].sort((a, b) => a.name.localeCompare(b.name)),
      [
        { name: "sums > is less than <1>", message: "1 == 2" },
        { name: "sums.inner > throws", message: "line one\nline two" },
      ],
    );
  });

  test("of pytest: an error in a set-up is a failed test", () => {
    const report = readJunit(pytest, "pytest.xml");
    assert.deepEqual(counts(report), [1, 2, 1]);
    assert.deepEqual(report.failures, [
      { name: "test_a > test_bad", message: "AssertionError: one & two\nassert 1 == 2" },
      { name: "test_a > test_err", message: 'failed on setup with "RuntimeError: no set-up"' },
    ]);
  });

  test("of Surefire: a flaky test has passed, and output that looks like a test is none", () => {
    const report = readJunit(surefire, "surefire.xml");
    assert.deepEqual(counts(report), [2, 1, 1]);
    assert.deepEqual(report.failures, [{ name: "com.acme.HelloTest > breaks", message: "/ by zero" }]);
  });

  test("of jest: the failure's text is its message", () => {
    const report = readJunit(jest, "jest.xml");
    assert.deepEqual(counts(report), [1, 1, 0]);
    assert.match(report.failures[0]?.message ?? "", /^Error: expect[\s\S]*Expected: "please"$/);
  });

  test("a failure is one also when it says nothing, or only a number", () => {
    for (const failure of ["<failure/>", "<failure>42</failure>", "<failure>true</failure>", "<error></error>"])
      assert.deepEqual(
        counts(readJunit(`<testsuite><testcase name="a">${failure}</testcase></testsuite>`, "x")),
        [0, 1, 0],
      );
  });

  test("what is no XML becomes a failure that names the file", () => {
    for (const text of ["not xml", "<testsuite><testcase></testsuite>", "\u0000\u0001"]) {
      const report = readJunit(text, "reports/broken.xml");
      assert.deepEqual(counts(report), [0, 1, 0], text);
      assert.equal(report.failures[0]?.name, "reports/broken.xml");
    }
  });

  test("declared entities are not expanded, and nesting without end is survived", () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
      <testsuite><testcase name="&b;"><failure message="&b;"/></testcase></testsuite>`;
    assert.ok(JSON.stringify(readJunit(bomb, "bomb.xml")).length < 1_000);
    const deep = `${"<testsuite>".repeat(20_000)}<testcase name="a"/>${"</testsuite>".repeat(20_000)}`;
    assert.equal(readJunit(deep, "deep.xml").passed, 0);
  });

  test("of very many failures fifty are kept and all are counted; long messages are cut", () => {
    const cases = `<testcase name="a"><failure message="${"x".repeat(5_000)}"/></testcase>`.repeat(60);
    const report = sumReports([
      readJunit(`<testsuite>${cases}</testsuite>`, "x"),
      readJunit(`<testsuite>${cases}</testsuite>`, "y"),
    ]);
    assert.deepEqual([report.failed, report.failures.length], [120, 50]);
    assert.equal(report.failures[0]?.message.length, 2_000);
  });
});
