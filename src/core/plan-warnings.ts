import type { Frame } from "#core/make-plan.ts";
import type { Warning } from "#core/plan.ts";
import { warnOfTimers } from "#core/plan-timers.ts";

const fullPercent = 90;

/** What is allowed and yet worth a look before it begins. */
export const warningsOf = (frame: Frame): Warning[] => [
  ...warnOfAbsence(frame),
  ...warnOfTimers(frame),
  ...warnOfCanary(frame),
  ...warnOfDisks(frame),
  ...warnOfSwitchedOff(frame),
  ...warnOfConfiguration(frame),
  ...warnOfSkipped(frame),
];

/** Allowed where a group has a single host, or where it is written down that none need be left. */
function warnOfAbsence({ input, batches, strategy, minHealthy }: Frame): Warning[] {
  const isServing = input.sights.some(({ inService }) => inService);
  if (strategy === "all-at-once" || strategy === "blue-green" || !isServing || minHealthy > 0) return [];
  const away = batches.findIndex(({ inServiceMeanwhile }) => inServiceMeanwhile === 0);
  if (away === -1) return [];
  return [
    {
      message: `${input.release.service} is away while batch ${away + 1} is out: no host is in service then.`,
      advice: "Use `strategy: blue-green`, which starts the new container beside the old one; or add a host.",
    },
  ];
}

const warnOfCanary = ({ input, strategy }: Frame): Warning[] =>
  strategy === "canary" && input.group.balancers.length === 0
    ? [
        {
          message: "Without a balancer nobody counts the canary's answers: the rollout will pause for a person.",
          advice: "Add queries or a balancer, or use `strategy: rolling`.",
        },
      ]
    : [];

function warnOfDisks({ input, batches }: Frame): Warning[] {
  const full = input.sights.flatMap(({ host, disk }) => {
    const used = disk && 100 - (100 * disk.freeBytes) / Math.max(1, disk.totalBytes);
    if (used === undefined || used < fullPercent) return [];
    return [
      {
        message: `${host}: the disk is ${Math.round(used)} % full.`,
        advice: "A full disk fails one of the next pulls.",
      },
    ];
  });
  const pulling = batches.flatMap(({ hosts }) => hosts.filter(({ pull }) => pull).map(({ name }) => name));
  if (pulling.length === 0) return full;
  const advice = "Look at it yourself: a full disk fails the pull, before any host is touched.";
  if (input.sizeUntold !== undefined)
    return [...full, { message: `Could not check whether the image fits on the disks: ${input.sizeUntold}`, advice }];
  const unread = input.sights.filter(({ host, disk, error }) => pulling.includes(host) && !disk && !error);
  if (unread.length === 0) return full;
  const names = unread.map(({ host }) => host).join(", ");
  return [...full, { message: `Could not check whether the image fits: the disk of ${names} was not read.`, advice }];
}

/** What somebody took out of service at one place is left so at the other. */
const warnOfSwitchedOff = ({ input, batches }: Frame): Warning[] =>
  input.sights.flatMap(({ host, switchedOff = [] }) => {
    const off = switchedOff.find(({ isInUse }) => isInUse);
    if (!off || !batches.some(({ hosts }) => hosts.some(({ name }) => name === host))) return [];
    return [
      {
        message: `${host}: ${off.server} is in ${off.state} at ${off.balancer}, which Slipway did not do: the host stays out of service.`,
        advice: "Give it back when it may serve again.",
      },
    ];
  });

const warnOfConfiguration = ({ input }: Frame): Warning[] =>
  input.isConfiguredAnew
    ? [
        {
          message: `Nobody knows what release ${input.release.number} ran with in ${input.environment}: it gets today's secrets and the variables of today's fleet.yaml.`,
          advice: "See that they fit that release.",
        },
      ]
    : [];

const warnOfSkipped = ({ skipped }: Frame): Warning[] =>
  skipped.length > 0
    ? [
        {
          message: `${skipped.join(", ")} cannot be reached and will be left out.`,
          advice: "Each joins by itself when it is back.",
        },
      ]
    : [];
