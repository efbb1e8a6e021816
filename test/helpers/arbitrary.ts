import fc from "fast-check";

/** Any bytes, most of them no UTF-8. */
export const anyBytes = fc.uint8Array({ maxLength: 300 });

/** Any byte but this one. */
export const otherByte = (byte: number, shift: number): number => (byte + 1 + (shift % 255)) % 256;

const fail = (): never => {
  throw new Error("a container that cannot be read");
};

/** A proxy that lets nothing through. */
function sealed(target: object): object {
  return new Proxy(
    target,
    Object.fromEntries(
      Object.getOwnPropertyNames(Reflect)
        .filter((trap) => typeof Reflect[trap as keyof typeof Reflect] === "function")
        .map((trap) => [trap, fail]),
    ),
  );
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A value that is made when it is needed: fast-check cannot hold one that throws when it is looked at. */
class Late {
  readonly make: () => unknown;

  constructor(make: () => unknown) {
    this.make = make;
  }
}

/** The value itself, in which nothing is late any more. */
export function made(value: unknown): unknown {
  if (value instanceof Late) return value.make();
  return Array.isArray(value) ? Array.from(value, made) : value;
}

/** Objects that are not what they look like, and some that cannot be looked at. */
const treacherous: fc.Arbitrary<unknown> = fc
  .constantFrom<(() => unknown)[]>(
    () => sealed({}),
    () => sealed([]),
    () => sealed(() => undefined),
    () => revoked({}),
    () => revoked([]),
    () => revoked(new Uint8Array(1)),
    () => ({ [Symbol.toStringTag]: "Uint8Array", length: 3 }),
    () => ({ [Symbol.toStringTag]: "ArrayBuffer", byteLength: 3 }),
    () => ({ [Symbol.toStringTag]: "Headers" }),
    () => ({ [Symbol.toStringTag]: "Headers", get: fail }),
    () => ({ [Symbol.toStringTag]: "Headers", get: () => 5 }),
    () => Object.defineProperty({}, Symbol.toStringTag, { get: fail }),
    () => ({ toString: fail }),
    () => new DataView(new ArrayBuffer(4)),
    () => new SharedArrayBuffer(4),
    () => new Uint16Array(4),
    () => {
      const buffer = new ArrayBuffer(4);
      structuredClone(buffer, { transfer: [buffer] });
      return buffer;
    },
    () => {
      const bytes = new Uint8Array(4);
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      return bytes;
    },
    () => new ReadableStream(),
    () => new Request("http://localhost/"),
    () => Promise.resolve("x"),
    () => class {},
    () => Symbol("headers"),
  )
  .map((make) => new Late(make));

/** Everything that a value can be; to be {@link made}. */
export const anyValue = fc.oneof(
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
  treacherous,
);

/** Containers of headers that hold these names and odd ones; to be {@link made}. */
export function anyHeaders(
  names: readonly string[],
  values: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const name = fc.constantFrom(...names, ...names.map((one) => one.toUpperCase()));
  const pairs = fc.array(fc.tuple(name, values), { maxLength: 8 });
  const odd = fc.array(fc.oneof(fc.tuple(fc.oneof(name, anyValue), values), anyValue), {
    maxLength: 6,
  });
  type Pairs = readonly (readonly [string, unknown])[];
  const from = (list: Pairs, container: (list: Pairs) => unknown) =>
    new Late(() => container(made(list) as Pairs));
  const isPlain = (value: unknown) => typeof value === "string" && /^[\x20-\x7e]*$/.test(value);
  const record = (list: Pairs) => Object.fromEntries(list);
  const containers: readonly ((list: Pairs) => unknown)[] = [
    record,
    (list) => list,
    (list) => new Map(list),
    (list) => new Map(list).entries(),
    (list) => new Headers(list.filter(([, value]) => isPlain(value)) as [string, string][]),
    (list) => Object.assign(Object.create(null), record(list)),
    (list) => Object.create(record(list)),
    (list) => ({ ...record(list), next: fail, [Symbol("s")]: "x" }),
    (list) => ({ ...record(list), [Symbol.iterator]: fail }),
    (list) => ({ ...record(list), [Symbol.iterator]: 5 }),
    (list) =>
      Object.defineProperties(
        {},
        Object.fromEntries(list.map(([key]) => [key, { enumerable: true, get: fail }])),
      ),
    (list) =>
      (function* () {
        yield* list;
        fail();
      })(),
  ];
  return fc.oneof(
    fc.tuple(pairs, fc.constantFrom(...containers)).map(([list, make]) => from(list, make)),
    odd,
    odd.map((list) => new Late(() => new Set(made(list) as unknown[]))),
    anyValue,
  );
}

/** Whatever may stand where a body is expected; to be {@link made}. */
export const anyBody: fc.Arbitrary<unknown> = fc.oneof(
  anyBytes,
  fc.string({ unit: "binary" }),
  anyBytes.map((bytes) => bytes.slice().buffer),
  anyValue,
);
