/**
 * All the text that comes, where it is no more than `limitBytes`; more is refused, and whoever sends it let go. Who
 * answers is not ours: it may send without end.
 */
export async function boundedText(coming: AsyncIterable<Uint8Array> | null, limitBytes: number): Promise<string> {
  if (!coming) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of coming) {
    length += chunk.length;
    if (length > limitBytes) throw new Error(`it sent more than ${limitBytes / 1024} KiB`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
