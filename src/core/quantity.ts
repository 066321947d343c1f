import type { Quantity } from "#core/service.ts";

/** So many of `total` hosts: a batch rounds down and is at least 1, a minimum rounds up. */
export function quantityOfHosts(quantity: Quantity, total: number, rounding: "down" | "up"): number {
  if ("hosts" in quantity) return quantity.hosts;
  const exact = (total * quantity.percent) / 100;
  return rounding === "down" ? Math.max(1, Math.floor(exact)) : Math.ceil(exact);
}

/** The least that must stay: as `parseQuantity`, and 0 for a service that may be away. */
export const parseMinimum = (value: string | number): Quantity | undefined =>
  value === 0 ? { hosts: 0 } : parseQuantity(value);

/** `25%` or a whole number of hosts; undefined when it is neither, or nothing at all. */
export function parseQuantity(value: string | number): Quantity | undefined {
  if (typeof value === "number") return Number.isInteger(value) && value > 0 ? { hosts: value } : undefined;
  const percent = /^(\d{1,3})%$/.exec(value.trim());
  if (percent)
    return Number(percent[1]) >= 1 && Number(percent[1]) <= 100 ? { percent: Number(percent[1]) } : undefined;
  return /^[1-9]\d{0,4}$/.test(value.trim()) ? { hosts: Number(value) } : undefined;
}
