// The providers as the demonstration mounts them: configuration, events, and what their deliveries prove. What they prove
// is stated here by hand, so that a provider that proves less than it says is a surprise.

import { randomBytes } from "node:crypto";
import { cr3dentials, cr3dentialsSamples } from "countersign/providers/cr3dentials";
import { dataspike, dataspikeSamples } from "countersign/providers/dataspike";
import { screver, screverSamples } from "countersign/providers/screver";
import { validas, validasSamples } from "countersign/providers/validas";
import { vove, voveSamples } from "countersign/providers/vove";
import { signDelivery } from "countersign/testing";
import { recordedOptions } from "./recorded.mjs";
import { issueToken } from "./tokens.mjs";

const minute = 60_000;
const day = 24 * 60 * minute;

const stamped = [
  { title: "300 s old", by: 300_000, verdict: "handled" },
  { title: "301 s old", by: 301_000, verdict: "timestamp_too_old" },
  { title: "301 s from the future", by: -301_000, verdict: "timestamp_too_new" },
];

const timeless = [
  { title: "a day old", by: day, verdict: "handled", note: "time not bound" },
  { title: "a day from the future", by: -day, verdict: "handled", note: "time not bound" },
];

/** Signs as the provider does, and as somebody does who does not have its secret. */
function signedBy(make, options, othersOptions) {
  const provider = make(options);
  const stranger = make(othersOptions);
  return {
    provider,
    sign: (event, at) => signDelivery(provider, event, { now: () => at }),
    forge: (event, at) => signDelivery(stranger, event, { now: () => at }),
  };
}

function dataspikeMount() {
  const options = recordedOptions("dataspike", "docver-verified-2023");
  return {
    ...signedBy(dataspike, options, { secret: `whsec_${randomBytes(32).toString("hex")}` }),
    name: "dataspike",
    options,
    bindsBody: true,
    forgedFields: ["timestamp"],
    codes: { unsigned: "signature_missing", forged: "signature_mismatch" },
    receivedLate: stamped,
    samples: Object.entries(dataspikeSamples),
    fresh: (event, serial) => ({ ...event, id: `event-${serial}` }),
    unknown: { ...dataspikeSamples.APPLICANT, event_type: "ADDRESS_CHECK" },
    invalid: { event: { ...dataspikeSamples.DOCVER, payload: {} } },
    recorded: [
      ...["docver-verified-2022", "docver-verified-2023", "aml-screening-current"],
      ...["unknown-event-type", "tampered-body", "too-old", "too-new"],
    ],
  };
}

function voveMount() {
  const options = recordedOptions("vove", "idv-successful");
  return {
    ...signedBy(vove, options, { secret: `whsec_${randomBytes(24).toString("base64")}` }),
    name: "vove",
    options,
    bindsBody: true,
    forgedFields: ["timestamp", "id"],
    codes: { unsigned: "signature_missing", forged: "signature_mismatch" },
    receivedLate: stamped,
    samples: Object.entries(voveSamples),
    // Svix names the message in a header, a new one for each delivery that is signed.
    fresh: (event) => event,
    unknown: { ...voveSamples["idv.pending"], status: "escalated" },
    invalid: { event: { status: "successful" } },
    recorded: [
      ...["idv-successful", "idv-trailing-newline", "white-label-headers", "two-signatures"],
      ...["unknown-status", "tampered-body", "unsigned", "too-old", "no-subject"],
    ],
  };
}

function validasMount() {
  const options = recordedOptions("validas", "on-course");
  const provider = validas(options);
  const signWith = (forged) => (event, at) =>
    signDelivery(provider, event, { token: issueToken(options.bearer, at, { forged }) });
  return {
    provider,
    sign: signWith(false),
    forge: signWith(true),
    name: "validas",
    options,
    bindsBody: false,
    forgedFields: [],
    codes: { unsigned: "token_missing", forged: "token_invalid" },
    receivedLate: [
      { title: "59 min old", by: 59 * minute, verdict: "handled", note: "token still valid" },
      { title: "61 min old", by: 61 * minute, verdict: "token_expired" },
      { title: "a minute from the future", by: -minute, verdict: "token_invalid" },
    ],
    samples: Object.entries(validasSamples),
    fresh: (event, serial) => ({ ...event, validation_id: `validation-${serial}` }),
    unknown: { ...validasSamples.confirmed, status: "reopened" },
    // The vendor publishes no schema: with a status that is known, there is nothing that a body could lack.
    invalid: {
      event: { status: "confirmed" },
      asItIs: true,
      verdict: "handled",
      note: "no published schema",
    },
    recorded: [
      ...["on-course", "nested-data", "documen2-uploaded-alias", "unknown-status"],
      ...["token-missing", "jwt-expired", "jwt-other-audience", "jwt-other-key"],
    ],
  };
}

function cr3dentialsMount() {
  const options = recordedOptions("cr3dentials", "gen1-sample-signed");
  const sample = cr3dentialsSamples["verification.completed"];
  return {
    ...signedBy(cr3dentials, options, { signingSecret: randomBytes(24).toString("hex") }),
    name: "cr3dentials",
    options,
    bindsBody: true,
    forgedFields: [],
    codes: { unsigned: "signature_missing", forged: "signature_mismatch" },
    receivedLate: timeless,
    samples: [["verification.completed", sample]],
    fresh: (event, serial) => ({
      ...event,
      data: { ...event.data, verificationId: `verification-${serial}` },
    }),
    unknown: { ...sample, type: "verification.expired" },
    invalid: { event: { ...sample, data: {} }, asItIs: true },
    recorded: [
      ...["gen1-sample-pretty", "gen1-failed", "gen1-not-as-stringified", "gen1-unknown-type"],
      ...["tampered-body", "signature-missing", "manual-test-curl"],
    ],
  };
}

/** The second generation of cr3dentials does not sign: it sends a secret in a header. */
function cr3dentialsHeaderMount() {
  const options = recordedOptions("cr3dentials", "gen2-completed");
  const { name } = options.header;
  const { "verification.completed": _signed, ...sessions } = cr3dentialsSamples;
  return {
    ...signedBy(cr3dentials, options, {
      header: { name, value: randomBytes(24).toString("hex") },
    }),
    name: "cr3dentials",
    variant: "header",
    options,
    bindsBody: false,
    forgedFields: [],
    codes: { unsigned: "secret_header_missing", forged: "secret_header_mismatch" },
    receivedLate: timeless,
    samples: Object.entries(sessions),
    fresh: (event, serial) => ({ ...event, sessionId: `session-${serial}` }),
    unknown: { ...sessions["session.error"], status: "EXPIRED" },
    invalid: { event: { sessionId: 5, status: "COMPLETED" }, asItIs: true },
    recorded: ["gen2-completed", "gen2-unknown-status", "header-missing"],
  };
}

function screverMount() {
  const options = recordedOptions("screver", "survey-completed");
  return {
    ...signedBy(screver, options, { secret: randomBytes(24).toString("hex") }),
    name: "screver",
    options,
    bindsBody: true,
    forgedFields: [],
    codes: { unsigned: "signature_missing", forged: "signature_mismatch" },
    receivedLate: timeless,
    samples: Object.entries(screverSamples),
    fresh: (event, serial) => ({ ...event, meta: { userId: `user-${serial}` } }),
    unknown: { survey: "opened" },
    invalid: { event: { surveyItemId: "5d9b4b4ede62163caf637e02" } },
    recorded: [
      ...["survey-completed", "survey-completed-newline", "option-selected-id", "unknown-body"],
      ...["tampered-body", "unsigned", "upper-case-hex"],
    ],
  };
}

/** All providers; each knows the path of its endpoint and the name of its rows. */
export const mounts = [
  dataspikeMount(),
  voveMount(),
  validasMount(),
  cr3dentialsMount(),
  cr3dentialsHeaderMount(),
  screverMount(),
].map((mount) => ({
  ...mount,
  path: `/webhooks/${[mount.name, mount.variant].filter(Boolean).join("-")}`,
  label: mount.variant === undefined ? mount.name : `${mount.name} (${mount.variant})`,
}));
