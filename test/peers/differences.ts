/** The packages that are run beside countersign, in the version whose verdicts are known. */
export const versions = {
  svix: "2.5.0",
  standardwebhooks: "1.1.1",
  "@octokit/webhooks-methods": "6.0.0",
} as const;

export type Peer = keyof typeof versions;
export type Verdict = "accepts" | "refuses";

/** A class of deliveries on which peers and countersign do not agree. */
export interface Difference {
  readonly peers: readonly Peer[];
  /** A name in `cases.ts`. */
  readonly what: string;
  readonly theirs: Verdict;
  /** Why ours is what theirs is not. */
  readonly reason: string;
}

const both = ["svix", "standardwebhooks"] as const;
const octokit = ["@octokit/webhooks-methods"] as const;

const oneContainer = "Headers are read from whatever a runtime hands out.";
const bytesCount = "The sender signed bytes, and bytes are what is checked.";
const digitsOnly = "A signed time has one spelling; what another one means is left to nobody.";
const idForm =
  "An id is printable ASCII: other text changes on its way through headers and stores.";
const shortKeys =
  "A key under 16 bytes can be guessed by whoever sees one delivery; a set-up can allow it.";
const pasteMistake = "White space at the end is a paste mistake, found when the scheme is made.";

/** What countersign decides otherwise, on purpose. */
export const differences: readonly Difference[] = [
  {
    peers: ["standardwebhooks"],
    what: "a genuine delivery, header names of Svix",
    theirs: "refuses",
    reason: "Svix sends one of two sets of names; one scheme reads both.",
  },
  { peers: both, what: "headers as a Headers object", theirs: "refuses", reason: oneContainer },
  { peers: both, what: "headers as a Map", theirs: "refuses", reason: oneContainer },
  { peers: both, what: "headers as a list of pairs", theirs: "refuses", reason: oneContainer },
  { peers: both, what: "header values in lists of one", theirs: "refuses", reason: oneContainer },
  {
    peers: ["svix"],
    what: "a complete set of headers, and another id in the other set",
    theirs: "refuses",
    reason:
      "The complete set is what was signed; a stray header of the other set is not looked at.",
  },
  {
    peers: ["svix"],
    what: "a set of headers that is completed from the other set",
    theirs: "accepts",
    reason: "Headers of two sets were not sent together, so they are not joined.",
  },
  {
    peers: both,
    what: "the same header in two cases",
    theirs: "accepts",
    reason: "A signed header may occur once: which of two counts is not left to their order.",
  },
  { peers: both, what: "a body as bytes in a Uint8Array", theirs: "refuses", reason: bytesCount },
  { peers: both, what: "a body that is not UTF-8", theirs: "refuses", reason: bytesCount },
  {
    peers: both,
    what: "a signature with another field behind it",
    theirs: "accepts",
    reason: "A signature is a version and a MAC; what has more is not taken for one.",
  },
  {
    peers: both,
    what: "signatures joined by a comma and a space",
    theirs: "accepts",
    reason: "So a proxy joins two headers into one, and the header may occur once.",
  },
  {
    peers: both,
    what: "65 signatures, the right one first",
    theirs: "accepts",
    reason: "Work per delivery is bounded; 64 are more than any rotation needs.",
  },
  {
    peers: both,
    what: "a time in more than digits, of the same value",
    theirs: "accepts",
    reason: digitsOnly,
  },
  { peers: both, what: "a time with a zero in front", theirs: "accepts", reason: digitsOnly },
  { peers: both, what: "a time with a sign", theirs: "accepts", reason: digitsOnly },
  {
    peers: both,
    what: "a time as a number",
    theirs: "accepts",
    reason: "A header is text; what is none was not received as a header.",
  },
  {
    peers: both,
    what: "an id with a dot",
    theirs: "accepts",
    reason: "Dots separate what is signed: with one in the id, a signature has two readings.",
  },
  {
    peers: both,
    what: "an id with a comma",
    theirs: "accepts",
    reason: "With a comma, two headers that a proxy joined would read as one id.",
  },
  { peers: both, what: "an id with a space", theirs: "accepts", reason: idForm },
  { peers: both, what: "an id outside ASCII", theirs: "accepts", reason: idForm },
  {
    peers: both,
    what: "an id of 257 characters",
    theirs: "accepts",
    reason: "An id becomes a key in a store; 256 characters are enough for any sender's.",
  },
  { peers: both, what: "a secret of 8 bytes", theirs: "accepts", reason: shortKeys },
  {
    peers: octokit,
    what: "a body as bytes in a Buffer",
    theirs: "refuses",
    reason: bytesCount,
  },
  { peers: octokit, what: "a body that is not UTF-8", theirs: "refuses", reason: bytesCount },
  {
    peers: octokit,
    what: "an empty body",
    theirs: "refuses",
    reason: "No bytes can be signed like any others; that they are no JSON is said later.",
  },
  { peers: octokit, what: "a secret of 8 characters", theirs: "accepts", reason: shortKeys },
  { peers: octokit, what: "a secret with a line end", theirs: "accepts", reason: pasteMistake },
];
