import { createHash } from "node:crypto";

/** As much of RFC 6455 as a service needs that echoes short texts and closes politely. */

const acceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcode = { text: 1, close: 8, ping: 9, pong: 10 };
const lastFragment = 0x80;
const longestPayload = 125;
const goodbyeLimitMs = 5_000;

/** The close code that says: come back, another one serves you. */
export const serviceRestart = 1012;

/** Answers the handshake; undefined where it is none. */
export const openWebsocket = (request, socket, { head, onText }) => {
  const key = request.headers["sec-websocket-key"];
  socket.on("error", () => socket.destroy());
  if (!key) {
    socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    return undefined;
  }
  const accept = createHash("sha1").update(`${key}${acceptGuid}`).digest("base64");
  const upgrade = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: Upgrade"];
  socket.write([...upgrade, `sec-websocket-accept: ${accept}`, "", ""].join("\r\n"));

  const send = (code, payload) => {
    if (!socket.writable) return;
    socket.write(Buffer.concat([Buffer.from([lastFragment | code, payload.length]), payload]));
  };
  let isClosing = false;
  const close = (code) => {
    if (isClosing) return;
    isClosing = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    send(opcode.close, payload);
    // The client's own close frame ends the connection; one that never comes must not hold the program up.
    setTimeout(() => socket.destroy(), goodbyeLimitMs).unref();
  };
  const on = {
    [opcode.text]: (payload) => !isClosing && send(opcode.text, Buffer.from(onText(payload.toString()))),
    [opcode.ping]: (payload) => send(opcode.pong, payload),
    [opcode.close](payload) {
      if (!isClosing) send(opcode.close, payload.subarray(0, 2));
      isClosing = true;
      socket.end();
    },
  };
  let unread = Buffer.from(head);
  const read = (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (let frame = readFrame(unread); frame; frame = readFrame(unread)) {
      unread = unread.subarray(frame.bytes);
      if (frame.payload === undefined) return socket.destroy();
      on[frame.code]?.(frame.payload);
    }
  };
  socket.on("data", read);
  if (head.length > 0) read(Buffer.alloc(0));
  return { close };
};

/** A client's frame, whose mask is taken off; undefined until it is there as a whole, without payload if it is too long. */
const readFrame = (bytes) => {
  if (bytes.length < 2) return undefined;
  const length = bytes[1] & 0x7f;
  if (length > longestPayload) return { bytes: bytes.length };
  const end = 6 + length;
  if (bytes.length < end) return undefined;
  const mask = bytes.subarray(2, 6);
  const payload = bytes.subarray(6, end).map((byte, index) => byte ^ mask[index % 4]);
  return { code: bytes[0] & 0x0f, payload: Buffer.from(payload), bytes: end };
};
