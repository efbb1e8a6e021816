import { expect, it } from "vitest";
import { fetchJson } from "../../src/internal/fetch-json.js";

const url = new URL("https://auth.example.test/keys?x=1");
const { signal } = new AbortController();
const answering = (response: () => Response) => fetchJson(url, async () => response(), signal);

it("asks for JSON, follows nobody, and stops when it is told to", async () => {
  const calls: unknown[] = [];
  const value = await fetchJson(
    url,
    async (...call) => {
      calls.push(call);
      return Response.json({ keys: [] });
    },
    signal,
  );
  expect(value).toEqual({ keys: [] });
  const options = { signal, redirect: "manual", headers: { accept: "application/json" } };
  expect(calls).toEqual([["https://auth.example.test/keys?x=1", options]]);
});

it.each([
  ["a page that is not there", () => Response.json({ keys: [] }, { status: 404 }), /not 200/],
  ["another success", () => Response.json({ keys: [] }, { status: 203 }), /not 200/],
  ["a redirect", () => Response.redirect("https://evil.example.test/"), /not 200/],
  ["no JSON", () => new Response("<html>"), /./],
])("takes %s for no document", async (_what, response, message) => {
  await expect(answering(response)).rejects.toThrow(message);
});

it("takes 1 MiB, and not one byte more", async () => {
  const text = (length: number) => `"${"x".repeat(length - 2)}"`;
  expect(await answering(() => new Response(text(1_048_576)))).toHaveLength(1_048_574);
  await expect(answering(() => new Response(text(1_048_577)))).rejects.toThrow();
});
