import { expect, it } from "vitest";
import { refreshed } from "../../src/internal/refreshed.js";

function setUp(start = 1_700_000_000) {
  const world = { seconds: start, fetches: 0, down: false };
  const keys = refreshed(
    async () => {
      world.fetches += 1;
      if (world.down) throw new Error("down");
      return `keys ${world.fetches}`;
    },
    () => world.seconds * 1000,
  );
  return { world, keys };
}

it("keeps what it has fetched for ten minutes", async () => {
  const { world, keys } = setUp();
  expect(await keys.get(0)).toBe("keys 1");
  world.seconds += 599;
  expect(await keys.get(0)).toBe("keys 1");
  world.seconds += 1;
  expect(await keys.get(0)).toBe("keys 2");
  expect(world.fetches).toBe(2);
});

it("fetches again where the clock has been put back for long", async () => {
  const { world, keys } = setUp();
  await keys.get(0);
  world.seconds -= 600;
  expect(await keys.get(0)).toBe("keys 2");
});

it("fetches what is later than what somebody has seen, once for all who ask", async () => {
  const { world, keys } = setUp();
  expect(keys.begun()).toBe(0);
  await keys.get(0);
  expect(keys.begun()).toBe(1);
  expect(await keys.get(0)).toBe("keys 1");
  expect(await Promise.all([keys.get(1), keys.get(1)])).toEqual(["keys 2", "keys 2"]);
  expect(await keys.get(1)).toBe("keys 2");
  expect([keys.begun(), world.fetches]).toEqual([2, 2]);
});

it("fetches once more where the fetch on its way is one that somebody has seen begin", async () => {
  const { keys } = setUp();
  const first = keys.get(0);
  const begun = keys.begun();
  expect(begun).toBe(1);
  expect(await Promise.all([first, keys.get(begun)])).toEqual(["keys 1", "keys 2"]);
});

it("fetches ten times in a burst, and once in six seconds beyond it", async () => {
  const { world, keys } = setUp();
  world.down = true;
  for (let index = 0; index < 15; index += 1) await expect(keys.get(0)).rejects.toThrow(/./);
  expect(world.fetches).toBe(10);
  await expect(keys.get(0)).rejects.toThrow("too often");
  world.seconds += 5;
  await expect(keys.get(0)).rejects.toThrow("too often");
  world.seconds += 1;
  await expect(keys.get(0)).rejects.toThrow("down");
  await expect(keys.get(0)).rejects.toThrow("too often");
  world.seconds += 12;
  for (const message of ["down", "down", "too often"]) {
    await expect(keys.get(0)).rejects.toThrow(message);
  }
  expect(world.fetches).toBe(13);
});

it("saves no fetches up beyond the burst", async () => {
  const { world, keys } = setUp();
  world.down = true;
  await expect(keys.get(0)).rejects.toThrow("down");
  world.seconds += 86_400;
  for (let index = 0; index < 15; index += 1) await expect(keys.get(0)).rejects.toThrow(/./);
  expect(world.fetches).toBe(11);
});
