import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Delivery } from "../../src/delivery.js";
import type { DiagnoseOptions, FindingCode } from "../../src/diagnose.js";
import { dataspike } from "../../src/providers/dataspike.js";
import { validas } from "../../src/providers/validas.js";
import { headerSecret } from "../../src/schemes/header-secret.js";
import { svixAsymmetric } from "../../src/schemes/svix-asymmetric.js";
import {
  all,
  asymmetricHeaders,
  clock,
  type Headers,
  type Named,
  now,
  publicKey,
  type Sender,
  type Signing,
  senders,
} from "./senders.js";
import * as writers from "./writers.js";

/** A delivery that is broken in a known way. */
export interface Row {
  readonly title: string;
  readonly delivery: Delivery;
  readonly provider: Named;
  readonly options?: DiagnoseOptions;
  /** The codes, the first of which is the cause that has to come first. */
  readonly expected: readonly FindingCode[];
}

const rows: Row[] = [];
const row = (
  title: string,
  provider: Named,
  headers: Delivery["headers"],
  body: unknown,
  expected: readonly FindingCode[],
  options: DiagnoseOptions = {},
) =>
  rows.push({
    title,
    provider,
    delivery: { headers, body: body as string },
    expected,
    options: { now: clock, ...options },
  });

const latin1 = (bytes: string | Uint8Array) => Buffer.from(bytes as string).toString("latin1");
const pretty = (indent: number | string) => JSON.stringify(writers.event, null, indent);
const parsed = (text: string) => JSON.stringify(JSON.parse(text));
const crlf = (text: string) => text.replaceAll("\n", "\r\n");
const { compact } = writers;
const form = (text: string) => new URLSearchParams({ payload: text }).toString();

/** What is signed, what comes of it, and what that is called. */
const bodies: readonly (readonly [
  title: string,
  sent: string | Uint8Array,
  came: unknown,
  code: FindingCode,
])[] = [
  ["parsed, once two spaces", pretty(2), parsed(pretty(2)), "body_reserialized"],
  ["parsed, once four spaces", pretty(4), parsed(pretty(4)), "body_reserialized"],
  ["parsed, once tabs", pretty("\t"), parsed(pretty("\t")), "body_reserialized"],
  ["parsed, once Python's", writers.python, parsed(writers.python), "body_reserialized"],
  ["parsed, once Python's, indented", writers.pythonIndented, compact, "body_reserialized"],
  ["parsed, once PHP's", writers.php, compact, "body_reserialized"],
  ["parsed, once PHP's, indented", writers.phpPretty, compact, "body_reserialized"],
  ["parsed, once Go's", writers.go, compact, "body_reserialized"],
  ["parsed, once Go's with a line end", `${writers.go}\n`, compact, "body_reserialized"],
  ["parsed, once .NET's", writers.dotnet, compact, "body_reserialized"],
  ["parsed, once Jackson's", writers.jackson, compact, "body_reserialized"],
  ["parsed, once two spaces with CRLF", crlf(pretty(2)), compact, "body_reserialized"],
  ["pretty-printed", compact, pretty(2), "body_reserialized"],
  ["pretty-printed with a line end", compact, `${pretty(2)}\n`, "body_reserialized"],
  ["rewritten by Python", compact, writers.python, "body_reserialized"],
  ["rewritten by PHP", compact, writers.php, "body_reserialized"],
  ["kept in jsonb, once sorted", writers.pythonSorted, writers.python, "body_reserialized"],
  ["parsed into an object", compact, JSON.parse(compact), "body_reserialized"],
  ["stringified as a text", compact, JSON.stringify(compact), "body_reserialized"],
  [
    "in a queue's envelope",
    compact,
    JSON.stringify({ Records: [{ body: compact }] }),
    "body_reserialized",
  ],
  ["with a line end", compact, `${compact}\n`, "body_newline_changed"],
  ["with CRLF at its end", compact, `${compact}\r\n`, "body_newline_changed"],
  ["trimmed", `${compact}\n`, compact, "body_newline_changed"],
  ["with a BOM", compact, `\ufeff${compact}`, "body_bom_changed"],
  ["without its BOM", `\ufeff${compact}`, compact, "body_bom_changed"],
  ["with CRLF for LF", pretty(2), crlf(pretty(2)), "body_crlf_changed"],
  ["with LF for CRLF", crlf(pretty(2)), pretty(2), "body_crlf_changed"],
  ["in base64", compact, Buffer.from(compact).toString("base64"), "body_base64_encoded"],
  ["in base64url", compact, Buffer.from(compact).toString("base64url"), "body_base64_encoded"],
  [
    "in base64 of lines",
    compact,
    Buffer.from(compact).toString("base64").replace(/.{76}/g, "$&\r\n"),
    "body_base64_encoded",
  ],
  [
    "as a Lambda event",
    compact,
    JSON.stringify({ body: Buffer.from(compact).toString("base64"), isBase64Encoded: true }),
    "body_base64_encoded",
  ],
  ["taken for Latin-1", compact, Buffer.from(latin1(compact)), "body_text_reencoded"],
  ["taken for Latin-1 twice", compact, Buffer.from(latin1(latin1(compact))), "body_text_reencoded"],
  [
    "taken for Windows-1252",
    compact,
    Buffer.from(new TextDecoder("windows-1252").decode(Buffer.from(compact))),
    "body_text_reencoded",
  ],
  [
    "written as Latin-1",
    compact.replace("😀", ":)"),
    Buffer.from(compact.replace("😀", ":)"), "latin1"),
    "body_text_reencoded",
  ],
  ["written as UTF-16", compact, Buffer.from(compact, "utf16le"), "body_text_reencoded"],
  ["without its form", form(compact), compact, "body_text_reencoded"],
  ["with %20 for +", form(compact), form(compact).replaceAll("+", "%20"), "body_text_reencoded"],
  ["percent-encoded", compact, encodeURIComponent(compact), "body_text_reencoded"],
  ["compressed", compact, gzipSync(compact), "body_text_reencoded"],
  [
    "escaped for HTML",
    compact,
    compact.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
    "body_text_reencoded",
  ],
  ["in another Unicode form", compact, compact.normalize("NFD"), "body_text_reencoded"],
  ["as a Buffer in JSON", compact, JSON.stringify(Buffer.from(compact)), "body_text_reencoded"],
  ["gone", compact, "", "body_empty"],
];

for (const sender of all) {
  for (const [title, sent, came, code] of bodies) {
    row(`${sender.name}, body ${title}`, sender.provider(), sender.headers(sent), came, [code]);
  }
}

/** What happens to headers; `undefined` where it does not apply. */
const headerDamages: readonly (readonly [
  title: string,
  damage: (headers: Headers, sender: Sender) => Delivery["headers"] | undefined,
  code: FindingCode,
])[] = [
  ["dropped", (headers, { header }) => without(headers, header), "header_missing"],
  [
    "x-forwarded-",
    (headers) => renamed(headers, (name) => `x-forwarded-${name}`),
    "header_renamed",
  ],
  ["x-original-", (headers) => renamed(headers, (name) => `X-Original-${name}`), "header_renamed"],
  [
    "with underscores",
    (headers) => renamed(headers, (name) => name.replaceAll("-", "_")),
    "header_renamed",
  ],
  [
    "HTTP_",
    (headers) => renamed(headers, (name) => `HTTP_${name.replaceAll("-", "_").toUpperCase()}`),
    "header_renamed",
  ],
  [
    "of a name of its own",
    (headers, { header }) =>
      renamed(headers, (name) => (name === header ? "x-acme-signature" : name)),
    "header_renamed",
  ],
  [
    "twice",
    (headers, { header }) => [...Object.entries(headers), [header, headers[header] ?? ""]],
    "header_duplicated",
  ],
  [
    "twice in an array",
    (headers, { header }) => ({ ...headers, [header]: [headers[header] ?? "", "another"] }),
    "header_duplicated",
  ],
  [
    "joined",
    (headers, { header }) => ({ ...headers, [header]: `${headers[header]}, ${headers[header]}` }),
    "header_duplicated",
  ],
  [
    "in other digits",
    (headers, sender) => respelled(headers, sender, otherDigits),
    "signature_encoding",
  ],
  [
    "in upper case",
    (headers, sender) =>
      respelled(headers, sender, (mac) =>
        /^[0-9a-f]+$/.test(mac) ? mac.toUpperCase() : undefined,
      ),
    "signature_encoding",
  ],
  [
    "in base64url",
    (headers, sender) =>
      respelled(headers, sender, (mac) =>
        /[+/]/.test(mac) ? mac.replaceAll("+", "-").replaceAll("/", "_") : undefined,
      ),
    "signature_encoding",
  ],
  [
    "without padding",
    (headers, sender) =>
      respelled(headers, sender, (mac) => (mac.endsWith("=") ? mac.replace(/=+$/, "") : undefined)),
    "signature_encoding",
  ],
  [
    "without its prefix",
    (headers, { header }) => {
      const bare = (headers[header] ?? "").replace(/^sha256=|^v1,|(?<=,)v1=/, "");
      return bare === headers[header] ? undefined : { ...headers, [header]: bare };
    },
    "signature_prefix",
  ],
  [
    "with another prefix",
    (headers, { header }) => {
      const value = headers[header] ?? "";
      const other = /^sha256=|^v1,|,v1=/.test(value)
        ? value.replace(/^sha256=|^v1,|(?<=,)v1=/, (prefix) => (prefix === "v1," ? "v1=" : "hmac="))
        : `sha256=${value}`;
      return { ...headers, [header]: other };
    },
    "signature_prefix",
  ],
  [
    "in quotes",
    (headers, { header }) => ({ ...headers, [header]: `"${headers[header]}"` }),
    "signature_prefix",
  ],
  [
    "cut",
    (headers, { header }) => ({ ...headers, [header]: (headers[header] ?? "").slice(0, -9) }),
    "signature_truncated",
  ],
];

function without(headers: Headers, name: string): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([given]) => given !== name));
}

function renamed(headers: Headers, rename: (name: string) => string): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [rename(name), value]));
}

const macPattern = /[0-9a-f]{64}|[A-Za-z0-9+/]{43}=/;

function respelled(
  headers: Headers,
  { header }: Sender,
  respell: (mac: string) => string | undefined,
): Headers | undefined {
  const value = headers[header] ?? "";
  const mac = respell(macPattern.exec(value)?.[0] ?? "");
  return mac === undefined ? undefined : { ...headers, [header]: value.replace(macPattern, mac) };
}

function otherDigits(mac: string): string {
  return mac.endsWith("=")
    ? Buffer.from(mac, "base64").toString("hex")
    : Buffer.from(mac, "hex").toString("base64");
}

for (const sender of all) {
  for (const [title, damage, code] of headerDamages) {
    const headers = damage(sender.headers(compact), sender);
    if (headers === undefined) continue;
    row(`${sender.name}, header ${title}`, sender.provider(), headers, compact, [code]);
  }
}

const hour = 3600;
for (const sender of all.filter(({ timed }) => timed)) {
  const provider = sender.provider();
  const at = (signing: Signing) => sender.headers(compact, signing);
  row(`${sender.name}, an hour old`, provider, at({ time: now - hour }), compact, [
    "delivery_stale",
  ]);
  row(`${sender.name}, a year old`, provider, at({ time: now - 365 * 24 * hour }), compact, [
    "delivery_stale",
  ]);
  row(`${sender.name}, in an hour`, provider, at({ time: now + hour }), compact, ["clock_skew"]);
  row(`${sender.name}, signed in milliseconds`, provider, at({ time: `${now}000` }), compact, [
    "timestamp_milliseconds",
  ]);
  const converted = Object.fromEntries(
    Object.entries(at({})).map(([name, value]) => [name, value.replace(String(now), `${now}123`)]),
  );
  row(`${sender.name}, time made milliseconds`, provider, converted, compact, [
    "timestamp_milliseconds",
  ]);
  row(`${sender.name}, a clock of seconds`, provider, at({}), compact, ["timestamp_milliseconds"], {
    now: () => now,
  });
  // Pairs.
  const old = { time: now - hour };
  row(`${sender.name}, parsed and old`, provider, sender.headers(pretty(2), old), compact, [
    "body_reserialized",
    "delivery_stale",
  ]);
  row(`${sender.name}, trimmed and old`, provider, sender.headers(`${compact}\n`, old), compact, [
    "body_newline_changed",
    "delivery_stale",
  ]);
  row(
    `${sender.name}, base64 and old`,
    provider,
    at(old),
    Buffer.from(compact).toString("base64"),
    ["body_base64_encoded", "delivery_stale"],
  );
  row(
    `${sender.name}, renamed and old`,
    provider,
    renamed(at(old), (name) => `x-forwarded-${name}`),
    compact,
    ["header_renamed", "delivery_stale"],
  );
}

// Secrets: as they were configured, where the provider takes them so.
const key = Buffer.from("5f2d9c0b7e4a18836d21f0ce94b7a35d4410c8e2bb6f7093", "hex");
const secretRows: readonly (readonly [
  string,
  Sender,
  unknown,
  FindingCode | readonly FindingCode[],
  Signing?,
])[] = [
  [
    "a file with a line end",
    senders.screver,
    Buffer.from(`${senders.screver.secret}\n`),
    "secret_whitespace",
  ],
  [
    "a file with a line end",
    senders.vove,
    Buffer.from(`${senders.vove.secret}\n`),
    ["secret_whitespace", "secret_wrong_encoding"],
  ],
  [
    "a file with CRLF",
    senders.dataspike,
    Buffer.from(`${senders.dataspike.secret}\r\n`),
    ["secret_whitespace", "secret_wrong_encoding"],
  ],
  [
    "a file with a BOM",
    senders.github,
    Buffer.from(`\ufeff${senders.github.secret}`),
    "secret_whitespace",
  ],
  ["a zero-width space", senders.shopify, `${senders.shopify.secret}\u200b`, "secret_whitespace"],
  ["a written \\n", senders.cr3dentials, `${senders.cr3dentials.secret}\\n`, "secret_whitespace"],
  [
    "a space inside",
    senders.screver,
    senders.screver.secret.replace("-", "- "),
    "secret_whitespace",
  ],
  [
    "quotes, as bytes",
    senders.screver,
    Buffer.from(`"${senders.screver.secret}"`),
    "secret_quoted",
  ],
  [
    "quotes, as bytes",
    senders.dataspike,
    Buffer.from(`'${senders.dataspike.secret}'`),
    ["secret_quoted", "secret_wrong_encoding"],
  ],
  [
    "quotes, as bytes",
    senders.vove,
    Buffer.from(`"${senders.vove.secret}"`),
    ["secret_quoted", "secret_wrong_encoding"],
  ],
  ["one quote", senders.github, `"${senders.github.secret}`, "secret_quoted"],
  ["typographic quotes", senders.shopify, `“${senders.shopify.secret}”`, "secret_quoted"],
  [
    "quotes and a line end",
    senders.cr3dentials,
    Buffer.from(`"${senders.cr3dentials.secret}"\n`),
    ["secret_quoted", "secret_whitespace"],
  ],
  ["the variable's name", senders.screver, `SECRET=${senders.screver.secret}`, "secret_prefix"],
  ["whsec_ lost", senders.stripe, senders.stripe.secret.slice(6), "secret_prefix"],
  ["whsec_ kept", senders.screver, `whsec_${senders.screver.secret}`, "secret_prefix"],
  ["Bearer", senders.github, `Bearer ${senders.github.secret}`, "secret_prefix"],
  ["the text as the key", senders.vove, Buffer.from(senders.vove.secret), "secret_wrong_encoding"],
  [
    "the text as the key",
    senders.dataspike,
    Buffer.from(senders.dataspike.secret),
    "secret_wrong_encoding",
  ],
  [
    "the text after whsec_ as the key",
    senders.vove,
    Buffer.from(senders.vove.secret.slice(6)),
    "secret_wrong_encoding",
  ],
  ["hex read as base64", senders.vove, `whsec_${key.toString("hex")}`, "secret_wrong_encoding"],
  [
    "base64 once more",
    senders.vove,
    Buffer.from(senders.vove.secret).toString("base64"),
    "secret_wrong_encoding",
  ],
  [
    "base64 of the prefix too",
    senders.vove,
    Buffer.from(senders.vove.secret, "base64"),
    "secret_wrong_encoding",
  ],
  [
    "decoded, and text is the key",
    senders.vove,
    senders.vove.secret,
    "secret_wrong_encoding",
    { key: senders.vove.secret },
  ],
  [
    "decoded, and the rest as text is the key",
    senders.vove,
    senders.vove.secret,
    "secret_wrong_encoding",
    { key: senders.vove.secret.slice(6) },
  ],
  [
    "decoded, and text is the key",
    senders.dataspike,
    senders.dataspike.secret,
    "secret_wrong_encoding",
    { key: senders.dataspike.secret },
  ],
  [
    "text, and hex is the key",
    senders.screver,
    key.toString("hex"),
    "secret_wrong_encoding",
    { key },
  ],
  [
    "text, and base64 is the key",
    senders.github,
    key.toString("base64"),
    "secret_wrong_encoding",
    { key },
  ],
  [
    "text, and base64 is the key",
    senders.cr3dentials,
    key.toString("base64"),
    "secret_wrong_encoding",
    { key },
  ],
  [
    "text, and base64url is the key",
    senders.shopify,
    Buffer.from("fbefbe5f2d9c0b7e4a18836d21f0ce94", "hex").toString("base64url"),
    "secret_wrong_encoding",
    { key: Buffer.from("fbefbe5f2d9c0b7e4a18836d21f0ce94", "hex") },
  ],
  [
    "bytes, and their hex is the key",
    senders.screver,
    key,
    "secret_wrong_encoding",
    { key: key.toString("hex") },
  ],
  [
    "a text in base64",
    senders.screver,
    Buffer.from(senders.screver.secret).toString("base64"),
    "secret_wrong_encoding",
  ],
];
for (const [title, sender, secret, told, signing] of secretRows) {
  const codes = [told].flat();
  row(
    `${sender.name}, secret: ${title}`,
    sender.provider(secret),
    sender.headers(compact, signing),
    compact,
    codes,
  );
  // Pairs.
  row(
    `${sender.name}, secret: ${title}; and parsed`,
    sender.provider(secret),
    sender.headers(writers.python, signing),
    compact,
    [...codes, "body_reserialized"],
  );
  if (sender.timed) {
    row(
      `${sender.name}, secret: ${title}; and old`,
      sender.provider(secret),
      sender.headers(compact, { ...signing, time: now - hour }),
      compact,
      [...codes, "delivery_stale"],
    );
  }
}

for (const sender of all) {
  const other = sender.provider(
    {
      vove: `whsec_${Buffer.alloc(24, 9).toString("base64")}`,
      dataspike: `whsec_${"0a".repeat(24)}`,
    }[sender.name as "vove"] ??
      (sender.secret.startsWith("whsec_") && sender.name !== "stripe"
        ? `whsec_${Buffer.alloc(24, 9).toString("base64")}`
        : "sandbox-secret-0123456789"),
  );
  const at = sender.name === "stripe" ? Buffer.from(sender.secret) : sender.secret;
  const secrets = ["nobody-s-secret-0123456789", { value: at, label: "production" }];
  row(
    `${sender.name}, another environment's secret`,
    other,
    sender.headers(compact),
    compact,
    ["secret_other"],
    { secrets },
  );
  row(
    `${sender.name}, another environment's secret; and trimmed`,
    other,
    sender.headers(`${compact}\n`),
    compact,
    ["secret_other", "body_newline_changed"],
    { secrets },
  );
  if (sender.name === "stripe") continue;
  const quoted = [`"${sender.secret}"`];
  row(
    `${sender.name}, a quoted secret at hand`,
    other,
    sender.headers(compact),
    compact,
    ["secret_quoted", "secret_other"],
    { secrets: quoted },
  );
  row(
    `${sender.name}, a secret at hand with a line end`,
    other,
    sender.headers(compact),
    compact,
    ["secret_whitespace", "secret_other"],
    { secrets: [`${sender.secret}\n`] },
  );
}

// Algorithms and what is signed.
for (const sender of all) {
  for (const hash of ["sha1", "sha384", "sha512"]) {
    row(`${sender.name}, ${hash}`, sender.provider(), sender.headers(compact, { hash }), compact, [
      "other_algorithm",
    ]);
  }
}
const svixOf = (text: string): Headers => ({
  ...senders.vove.headers(compact),
  "svix-signature": `v1,${macOf(senders.vove.key, "base64", text)}`,
});
function macOf(keyOf: string | Uint8Array, encoding: "hex" | "base64", text: string): string {
  return createHmac("sha256", keyOf).update(text).digest(encoding);
}
row("vove, the body alone is signed", senders.vove.provider(), svixOf(compact), compact, [
  "signed_part_differs",
]);
row(
  "vove, time and body are signed",
  senders.vove.provider(),
  svixOf(`${now}.${compact}`),
  compact,
  ["signed_part_differs"],
);
row(
  "vove, id and body are signed",
  senders.vove.provider(),
  svixOf(`msg_2Lh9.${compact}`),
  compact,
  ["signed_part_differs"],
);
const stampOf = (text: string) => ({
  "x-webhook-signature": `t=${now},v1=${macOf(senders.dataspike.key, "hex", text)}`,
});
row(
  "dataspike, the body alone is signed",
  senders.dataspike.provider(),
  stampOf(compact),
  compact,
  ["signed_part_differs"],
);
row(
  "dataspike, time:body is signed",
  senders.dataspike.provider(),
  stampOf(`${now}:${compact}`),
  compact,
  ["signed_part_differs"],
);
for (const sender of [senders.screver, senders.github, senders.cr3dentials]) {
  for (const [name, text] of [
    ["time.body", `${now}.${compact}`],
    ["v0:time:body", `v0:${now}:${compact}`],
    ["timebody", `${now}${compact}`],
    ["id.time.body", `evt-9.${now}.${compact}`],
  ] as const) {
    const headers = { ...sender.headers(text), "x-timestamp": String(now), "x-event-id": "evt-9" };
    row(`${sender.name}, ${name} is signed`, sender.provider(), headers, compact, [
      "signed_part_differs",
    ]);
  }
}
row(
  "vove, signed with a key pair",
  senders.vove.provider(),
  renamed(asymmetricHeaders(compact), (name) => name),
  compact,
  ["other_algorithm"],
);

// Other senders.
const others: readonly Named[] = all.map((sender) => sender.provider());
for (const [mine, theirs] of [
  [senders.vove, senders.dataspike],
  [senders.vove, senders.screver],
  [senders.dataspike, senders.vove],
  [senders.dataspike, senders.screver],
  [senders.screver, senders.vove],
  [senders.screver, senders.github],
  [senders.cr3dentials, senders.dataspike],
  [senders.dataspike, senders.cr3dentials],
  [senders.github, senders.stripe],
  [senders.stripe, senders.github],
] as const) {
  row(
    `${mine.name}, a delivery of ${theirs.name}`,
    mine.provider(),
    theirs.headers(compact),
    compact,
    ["other_provider"],
    { providers: others },
  );
  row(
    `${mine.name}, a delivery of ${theirs.name} under a secret nobody has`,
    mine.provider(),
    theirs.headers(compact, { key: "nobody-has-this-secret" }),
    compact,
    ["other_provider"],
    { providers: others },
  );
}
row(
  "vove, a delivery of GitHub's, which nobody knows here",
  senders.vove.provider(),
  senders.github.headers(compact),
  compact,
  ["other_provider"],
);
row(
  "screver, a delivery of Stripe's, which nobody knows here",
  senders.screver.provider(),
  senders.stripe.headers(compact),
  compact,
  ["other_provider"],
);

// Schemes without a signature over the body.
const shared = "a-shared-header-value-0123";
const portal = dataspike({ header: { name: "x-portal-key", value: shared } });
const prefixed: Named = {
  name: "prefixed",
  scheme: headerSecret({ secret: shared, header: "x-auth", prefix: "Token " }),
};
const token = "fixed-token-0123456789abcdef";
const bearer = validas({ bearer: { token } });
row("header secret dropped", portal, {}, compact, ["header_missing"]);
row("header secret renamed", portal, { x_portal_key: shared }, compact, ["header_renamed"]);
row("header secret forwarded", portal, { "x-forwarded-x-portal-key": shared }, compact, [
  "header_renamed",
]);
row("header secret twice", portal, { "x-portal-key": [shared, shared] }, compact, [
  "header_duplicated",
]);
row("header secret in quotes", portal, { "x-portal-key": `"${shared}"` }, compact, [
  "secret_quoted",
]);
row("header secret with a space", portal, { "x-portal-key": `${shared} ` }, compact, [
  "secret_whitespace",
]);
row("header secret after Bearer", portal, { "x-portal-key": `Bearer ${shared}` }, compact, [
  "signature_prefix",
]);
row(
  "header secret of another environment",
  portal,
  { "x-portal-key": "the-sandbox-s-value-0123" },
  compact,
  ["secret_other"],
  { secrets: "the-sandbox-s-value-0123" },
);
row("header secret without its prefix", prefixed, { "x-auth": shared }, compact, [
  "signature_prefix",
]);
row("header secret with another prefix", prefixed, { "x-auth": `Bearer ${shared}` }, compact, [
  "signature_prefix",
]);
row("token dropped", bearer, {}, compact, ["header_missing"]);
row("token without Bearer", bearer, { authorization: token }, compact, ["signature_prefix"]);
row("token after Token", bearer, { authorization: `Token ${token}` }, compact, [
  "signature_prefix",
]);
row("token forwarded", bearer, { "x-forwarded-authorization": `Bearer ${token}` }, compact, [
  "header_renamed",
]);
row("token renamed", bearer, { HTTP_AUTHORIZATION: `Bearer ${token}` }, compact, [
  "header_renamed",
]);
row(
  "token of another environment",
  bearer,
  { authorization: "Bearer sandbox-token-0123456789" },
  compact,
  ["secret_other"],
  { secrets: ["sandbox-token-0123456789"] },
);

// Key pairs.
const asymmetric: Named = { name: "pairs", scheme: svixAsymmetric({ publicKey }) };
for (const [title, sent, came, code] of bodies) {
  row(`key pair, body ${title}`, asymmetric, asymmetricHeaders(sent), came, [code]);
}
row("key pair, old", asymmetric, asymmetricHeaders(compact, now - hour), compact, [
  "delivery_stale",
]);
row("key pair, ahead", asymmetric, asymmetricHeaders(compact, now + hour), compact, ["clock_skew"]);
row(
  "key pair, renamed",
  asymmetric,
  renamed(asymmetricHeaders(compact), (name) => `x-forwarded-${name}`),
  compact,
  ["header_renamed"],
);
row(
  "key pair, signature dropped",
  asymmetric,
  without(asymmetricHeaders(compact), "webhook-signature"),
  compact,
  ["header_missing"],
);
row(
  "key pair, another one",
  {
    name: "pairs",
    scheme: svixAsymmetric({ publicKey: "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" }),
  },
  asymmetricHeaders(compact),
  compact,
  ["secret_other"],
  { secrets: publicKey },
);

export const table: readonly Row[] = rows;
