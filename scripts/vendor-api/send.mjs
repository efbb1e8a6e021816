// Puts an answer on the wire, or part of it.

const noLength = (status) => status === 204 || status === 304;

/** Ends a connection in the middle of an answer, when what there is of it has been sent. */
function cut(response, { status, headers, body }, afterBytes) {
  const { socket } = response;
  const bytes = Buffer.from(body);
  if (bytes.length === 0) {
    // Without a body there is only the head to be cut.
    socket.write(`HTTP/1.1 ${status} `, () => socket.destroy());
    return;
  }
  const part = Math.min(afterBytes ?? bytes.length >> 1, bytes.length - 1);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.flushHeaders();
  if (part > 0) response.write(bytes.subarray(0, part));
  // After what was written just now.
  socket.write("", () => socket.destroy());
}

function trickle(response, { status, headers, body }, msPerByte, timers) {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.flushHeaders();
  let sent = 0;
  const next = () => {
    if (response.destroyed) return;
    if (sent === bytes.length) {
      response.end();
      return;
    }
    response.write(bytes.subarray(sent, sent + 1));
    sent += 1;
    timers.after(msPerByte, next);
  };
  next();
}

/** In pieces and without saying how much it is, so that a limit has to count. */
function stream(response, { status, headers, body }) {
  const bytes = Buffer.from(body);
  const size = 65_536;
  response.writeHead(status, headers);
  const next = (from) => {
    if (response.destroyed) return;
    if (from >= bytes.length) response.end();
    else response.write(bytes.subarray(from, from + size), () => next(from + size));
  };
  next(0);
}

function sendWhole(response, { status, headers, body }) {
  const length = noLength(status) ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...length, ...headers });
  response.end(noLength(status) ? undefined : body);
}

/** Sends `answer` as `fault` has it. */
export function send(response, answer, fault, timers) {
  switch (fault?.kind) {
    case "refuse":
    case "lost":
      response.socket.destroy();
      return;
    case "hang":
      return;
    case "cut":
      cut(response, answer, fault.afterBytes);
      return;
    case "slow":
      trickle(response, answer, fault.msPerByte, timers);
      return;
    case "late":
      timers.after(fault.ms, () => {
        if (!response.destroyed) sendWhole(response, answer);
      });
      return;
    case "large":
      stream(response, answer);
      return;
    default:
      sendWhole(response, answer);
  }
}
