/** What {@link diagnose} can find. Stable across releases. */
export type FindingCode =
  | "body_reserialized"
  | "body_newline_changed"
  | "body_bom_changed"
  | "body_crlf_changed"
  | "body_base64_encoded"
  | "body_text_reencoded"
  | "body_empty"
  | "secret_wrong_encoding"
  | "secret_whitespace"
  | "secret_quoted"
  | "secret_prefix"
  | "secret_other"
  | "clock_skew"
  | "delivery_stale"
  | "timestamp_milliseconds"
  | "header_missing"
  | "header_renamed"
  | "header_duplicated"
  | "signature_encoding"
  | "signature_prefix"
  | "signature_truncated"
  | "other_algorithm"
  | "signed_part_differs"
  | "other_provider";

/** One cause, in words. Holds no secret, no signature and nothing of the body. */
export interface Finding {
  readonly code: FindingCode;
  /** What happened, in one line. */
  readonly summary: string;
  /** What to change, and where. */
  readonly fix: string;
}

/** What was undone, and in what way. */
export interface Clue {
  readonly code: FindingCode;
  /** The end of the summary, or what stands for a name in it; never a value from a delivery. */
  readonly how: string;
}

type Sentence = (how: string) => string;

const keepBytes =
  "Hand over the bytes that came. Express: the webhook route above app.use(express.json()), or express.raw({ type: () => true }) on that route. " +
  "Fastify: register toFastifyPlugin. Next and Hono: await request.arrayBuffer(), not request.json(). " +
  "Nest: NestFactory.create(AppModule, { rawBody: true }), then request.rawBody. Lambda: event.body as it is. " +
  "JSON.stringify(request.body) is no fix.";

const keepText =
  "Read the body as bytes, and neither trim, edit nor print it on its way: express.raw({ type: () => true }), await request.arrayBuffer(). " +
  "In a shell, curl --data-binary @file and printf keep a body as it is; editors, echo and curl --data do not.";

const checkProxy =
  "Look at what stands in front of the application: have the proxy, gateway or queue hand headers on as they came.";

/** In order of rank: of several causes, the one to mend first comes first. */
const sentences: Readonly<Record<FindingCode, readonly [summary: Sentence, fix: string]>> = {
  other_provider: [
    (how) => `This is another sender's delivery: ${how}.`,
    "In the sender's dashboard, register the URL of its own route; or receive it here with that sender's provider.",
  ],
  header_missing: [
    (how) => `A header with the proof is absent: ${how}.`,
    "Switch signing on in the sender's dashboard, and see that the proxy hands this header on. A request made by hand has no proof: signDelivery of countersign/testing makes one.",
  ],
  header_renamed: [
    (how) => `A header with the proof came under another name: ${how}.`,
    `${checkProxy} nginx drops names with underscores; CGI and WSGI write HTTP_X_… for them. For a sender with names of its own, give the scheme's header option that name.`,
  ],
  header_duplicated: [
    (how) => `A header with the proof came more than once, ${how}.`,
    "Find what adds the second: a proxy, a middleware or a replay that copies headers. Pass request.headers as they are, without append().",
  ],
  signature_prefix: [
    (how) => `The signature is right, but for what stands around it: ${how}.`,
    'Hand the header on unchanged. For a sender that writes it so, set the scheme\'s prefix option: hmac({ prefix: "sha256=" }).',
  ],
  signature_encoding: [
    (how) => `The signature is right, but is spelled otherwise: ${how}.`,
    'Hand the header on unchanged. For a sender that writes it so, set the scheme\'s encoding option: hmac({ encoding: "base64" }) or "hex".',
  ],
  signature_truncated: [
    (how) => `The signature is right as far as it goes, but was cut: ${how}.`,
    `${checkProxy} A limit on header length or a database column is the usual cause.`,
  ],
  other_algorithm: [
    (how) => `The signature was made with another algorithm: ${how}.`,
    "Choose HMAC-SHA256 in the sender's settings, or the header that carries it (GitHub: x-hub-signature-256). countersign verifies nothing weaker.",
  ],
  signed_part_differs: [
    (how) => `The secret fits, but the sender signs something else: ${how}.`,
    "Use the scheme that signs it: hmac for the body alone, stampedHmac for time.body, svix for id.time.body; what none of them signs needs a scheme of your own.",
  ],
  secret_quoted: [
    (how) => `There are quotes around the secret${how}.`,
    "Take the quotes away where it is set: docker --env-file, Kubernetes and CI settings keep them as part of the value.",
  ],
  secret_whitespace: [
    (how) => `There is white space in the secret${how}.`,
    'Set it again without spaces and line ends. From a file: readFileSync(path, "utf8").trim(); in a shell: printf instead of echo.',
  ],
  secret_prefix: [
    (how) => `The secret differs by what stands before it: ${how}.`,
    "Give the secret just as the sender's dashboard shows it, without the name of a variable; if that is what you did, this sender counts or drops its prefix: see its documentation.",
  ],
  secret_wrong_encoding: [
    (how) => `The secret is the right one, but is decoded wrongly: ${how}.`,
    'Give the secret as text just as the dashboard shows it, not decoded with Buffer.from; then set secretEncoding to "hex", "base64" or "utf8", or use the provider made for this sender.',
  ],
  secret_other: [
    (how) => `The delivery was signed with another secret: ${how}.`,
    "Configure the secret of the endpoint that this delivery was sent to: sandbox and production have different ones, and a rotation makes a new one. While one replaces another, give both as a list.",
  ],
  body_empty: [
    (how) => `The body is empty${how}.`,
    "Something read it first. Express: express.raw skips other content types than its type option names, and express.json() reads the stream; put the webhook route first. " +
      "Next and Hono: a request's body can be read once; use request.clone() elsewhere. Lambda: pass event.body.",
  ],
  body_base64_encoded: [
    (how) => `The body is in base64: ${how}.`,
    'Lambda and API Gateway: Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8").',
  ],
  body_bom_changed: [
    (how) => `A byte order mark makes the difference: the signature fits the body ${how}.`,
    `${keepText} TextDecoder and response.text() drop the mark; save files as UTF-8 without it.`,
  ],
  body_crlf_changed: [
    (how) => `Line ends were converted: the signature fits the body ${how}.`,
    `${keepText} Recorded bodies in git need “-text” in .gitattributes.`,
  ],
  body_newline_changed: [
    (how) => `White space at the end makes the difference: the signature fits the body ${how}.`,
    keepText,
  ],
  body_text_reencoded: [
    (how) => `The body was decoded and encoded again: the signature fits ${how}.`,
    "Do not turn the body into text before it is verified: no setEncoding(), no Buffer.toString(), no form parser; await request.arrayBuffer() or express.raw({ type: () => true }) gives bytes. " +
      "Lambda: send binary media types through as base64.",
  ],
  body_reserialized: [(how) => `The body was parsed and written again: ${how}.`, keepBytes],
  timestamp_milliseconds: [
    (how) => `Seconds and milliseconds are mixed up: ${how}.`,
    "Signed times are Unix seconds; the now option is a clock in milliseconds, like Date.now.",
  ],
  clock_skew: [
    (how) => `The proof is right, and from the future: ${how}.`,
    "Synchronise the clock of this machine (timedatectl set-ntp true; restart a paused container or VM). If it is right, the sender's is ahead.",
  ],
  delivery_stale: [
    (how) => `The proof is right, and too old: ${how}.`,
    "To replay a captured delivery, sign it afresh (signDelivery of countersign/testing) or give the time of its capture as now. Verify before you queue. If it came just now, this machine's clock is ahead: synchronise it.",
  ],
};

const order = Object.keys(sentences);

/** The findings of what was undone, the one to mend first at the head. */
export function findingsOf(clues: readonly Clue[]): readonly Finding[] {
  const first = clues.filter(
    ({ code }, index) => clues.findIndex((other) => other.code === code) === index,
  );
  return first
    .sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code))
    .map(({ code, how }) => {
      const [summary, fix] = sentences[code];
      return { code, summary: summary(how), fix };
    });
}
