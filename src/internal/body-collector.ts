import { bodyTooLarge, bodyUnreadable } from "../error-kinds.js";
import { WebhookError } from "../errors.js";
import { isBytes } from "./bytes.js";

/** How to read one body. */
export interface CollectorOptions {
  /** The largest body, in bytes. */
  readonly limit: number;
  /** The Content-Length, which is a hint and may be wrong. Anything but a plain number within the limit is as good as none. */
  readonly contentLength: unknown;
  /** Makes the memory that is handed out. It need not be zeros: none of it is handed out that was not written. */
  readonly allocate: (bytes: number) => Uint8Array;
  /** Whether a chunk that is alone in its memory belongs to nobody else, so that it can be the body as it is. */
  readonly ownsChunks: boolean;
}

/** Gathers the chunks of one body. */
export interface BodyCollector {
  /**
   * Takes the next chunk.
   *
   * @throws {WebhookError} `body_too_large`, and all that came is dropped; `body_unreadable` for what is no bytes
   */
  add(chunk: unknown): void;
  /** The body, in memory of its own: nothing lies beside it, and nobody else writes there. */
  finish(): Uint8Array;
}

// The object around a smaller chunk takes about as much as the chunk: a body that trickles in byte by byte would take
// hundreds of times its size.
const smallBytes = 1024;
// What an announcement is worth: memory for no more than this many times what has come. Those who announce much and send
// nothing get nothing.
const trust = 4;

function announcedBytes({ contentLength, limit }: CollectorOptions): number {
  const isNumber = typeof contentLength === "string" && /^[0-9]{1,15}$/.test(contentLength);
  const announced = isNumber ? Number(contentLength) : Number.POSITIVE_INFINITY;
  return announced <= limit ? announced : Number.POSITIVE_INFINITY;
}

/**
 * Gathers a body without copying any of it more often than needed: a body of one chunk not at all, chunks of an
 * announced body once, into their place. Only small chunks that nothing announces may move again, as the memory doubles.
 */
export function bodyCollector(options: CollectorOptions): BodyCollector {
  const { limit, allocate, ownsChunks } = options;
  const announced = announcedBytes(options);
  /** As they came, in order, until there is a buffer. */
  let held: Uint8Array[] = [];
  let buffer: Uint8Array | undefined;
  let size = 0;

  /** Copies what has come into new memory. */
  const moved = (capacity: number): Uint8Array => {
    const larger = allocate(capacity);
    let position = 0;
    for (const part of buffer === undefined ? held : [buffer.subarray(0, size)]) {
      larger.set(part, position);
      position += part.length;
    }
    // Memory that has shrunk since would leave a gap, in which there is whatever was there before.
    if (position !== size) throw new WebhookError(bodyUnreadable);
    held = [];
    return larger;
  };

  const drop = (): void => {
    held = [];
    buffer = undefined;
  };

  /** A part of larger memory is not held: it would keep all of that, and others may write beside it. */
  const mayHold = (chunk: Uint8Array, total: number): boolean =>
    buffer === undefined &&
    chunk.length === chunk.buffer.byteLength &&
    (held.length === 0 || (chunk.length >= smallBytes && total * trust < announced));

  const capacityFor = (total: number): number =>
    total <= announced && announced <= total * trust ? announced : Math.min(2 * total, limit);

  return {
    add: (chunk) => {
      if (!isBytes(chunk)) throw new WebhookError(bodyUnreadable);
      const total = size + chunk.length;
      if (total > limit) {
        drop();
        throw new WebhookError(bodyTooLarge, { maxBodyBytes: limit });
      }
      if (chunk.length === 0) return;
      if (mayHold(chunk, total)) {
        held.push(chunk);
      } else {
        if (buffer === undefined || total > buffer.length) buffer = moved(capacityFor(total));
        buffer.set(chunk, size);
      }
      size = total;
    },
    finish: () => {
      const [first] = held;
      const isWhole = ownsChunks && first?.length === size;
      const body = isWhole ? first : buffer?.length === size ? buffer : moved(size);
      // A request that is kept must not keep its body.
      drop();
      return body as Uint8Array;
    },
  };
}
