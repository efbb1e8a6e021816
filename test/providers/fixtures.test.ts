import { describe, expect, it } from "vitest";
import { codeOf } from "../helpers/code-of.js";
import { fixtureCases, fixtureFolders, providerModules, recorded } from "../helpers/fixtures.js";

it("has recorded deliveries for every provider, and a provider for every folder", () => {
  expect([...fixtureFolders()].sort()).toEqual(providerModules.map(({ id }) => id).sort());
});

describe.each(providerModules)("$id", ({ id, factory }) => {
  const cases = fixtureCases(id);

  it.each(cases)("reads $name as its case says", async (one) => {
    const { headers, body } = recorded(id, one);
    const now = () => one.now * 1000;
    const { verify, ...facts } = one.expect;
    if (verify !== "ok") {
      expect(await codeOf(() => factory(one.options).verify({ headers, body }, { now }))).toBe(
        verify,
      );
      return;
    }
    const message = await factory(one.options).verify({ headers, body }, { now });
    const { ambiguous = false, ...listed } = facts;
    expect(message).toMatchObject({ provider: id, ...listed });
    if (message.known) {
      expect(message.subject).toBe(facts.subject);
      expect(message.decision).toBe(facts.decision);
    } else {
      expect(message.decision).toBeUndefined();
    }
    expect(message.flags.includes("type_ambiguous")).toBe(ambiguous);
    expect(Buffer.from(message.delivery.body)).toEqual(body);
  });

  const genuine = cases.filter(({ expect: { verify } }) => verify === "ok");

  it.each(genuine)("proves $name from headers in any container and case", async (one) => {
    const { headers, body } = recorded(id, one);
    const now = () => one.now * 1000;
    const containers = [
      new Headers(headers.map(([name, value]): [string, string] => [name, value])),
      Object.fromEntries(headers),
      Object.fromEntries(headers.map(([name, value]) => [name.toUpperCase(), value])),
      Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), [value]])),
      new Map(headers),
      [...headers].reverse(),
    ];
    for (const container of containers) {
      const message = await factory(one.options).verify({ headers: container, body }, { now });
      expect(message.known).toBe(one.expect.known);
    }
  });

  it.each(genuine)(
    "refuses $name with any byte of its body changed, or says it is not bound",
    async (one) => {
      const { headers, body } = recorded(id, one);
      const provider = factory(one.options);
      const now = () => one.now * 1000;
      for (const offset of [0, body.length >> 1, body.length - 1]) {
        const changed = Buffer.from(body);
        changed[offset] = (changed[offset] ?? 0) ^ 0x01;
        const code = await codeOf(async () =>
          provider.scheme.verify({ headers, body: changed }, { now }),
        );
        expect(code).toBe(provider.scheme.bindsBody ? "signature_mismatch" : "none");
      }
    },
  );

  it.each(genuine)(
    "refuses $name an hour later and earlier, or says the time is not bound",
    async (one) => {
      const { headers, body } = recorded(id, one);
      const provider = factory(one.options);
      for (const [shift, code] of [
        [3600, "timestamp_too_old"],
        [-3600, "timestamp_too_new"],
      ] as const) {
        if (JSON.stringify(one.options).includes('"jwks"')) continue;
        const now = () => (one.now + shift) * 1000;
        expect(await codeOf(async () => provider.scheme.verify({ headers, body }, { now }))).toBe(
          provider.scheme.bindsTime ? code : "none",
        );
      }
    },
  );
});
