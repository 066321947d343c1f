const factors: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

export const bytesPattern = /^(\d{1,12})([kKmMgG])[bB]?$/;

/** Bytes of `512m`, `2g`, as Docker writes memory limits; undefined when it is not a size. */
export function parseBytes(text: string): number | undefined {
  const match = bytesPattern.exec(text.trim());
  const factor = factors[match?.[2]?.toLowerCase() ?? ""];
  const bytes = match && factor ? Number(match[1]) * factor : undefined;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `0 B`, `840 KiB`, `35.0 MiB`, `1.2 GiB`, for people. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KiB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
