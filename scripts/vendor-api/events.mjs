// A history to page through: as many events as wanted, the same ones for the same seed.

import { seeded } from "../storm/random.mjs";

// Nobody: the names are made up, and no country has the code UTO.
const given = ["Mirela", "Ilse", "Odran", "Tamsin", "Yevka", "Borisko", "Anouk", "Zoltar"];
const family = ["Dravetz", "Kvistgård", "Orlović", "Brontëaux", "Hrafnsvík", "Quillfeather"];
const statuses = ["verified", "verified", "verified", "failed", "in_progress"];
const risks = ["Low", "Low", "Medium", "High", "noMatches"];

const webhookOfDocuments = "1ed2f903-2d75-6b19-b6a5-29535bc3340e";
const defaultStart = Date.parse("2026-03-01T09:00:00Z");

const timeText = (at) => new Date(at).toISOString().replace(/Z$/, "000Z");

function makeEvent(random, at, index, webhookId) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const hex = (digits) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  // UUIDs of version 7, so that they sort by time.
  const uuid = (time) => {
    const stamp = time.toString(16).padStart(12, "0");
    const variant = "89ab"[Math.floor(random() * 4)];
    return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
  };

  const id = uuid(at);
  const applicant_id = uuid(at - 60_000);
  const name = { first: pick(given), last: pick(family) };

  const verification = () => {
    const status = pick(statuses);
    return {
      id: uuid(at - 30_000),
      organization_id: "org_countersign",
      applicant_id,
      status,
      document_type: "passport",
      checks: {
        document_mrz: {
          status,
          errors: status === "failed" ? [{ code: 1002, message: "Document is expired" }] : [],
          pending_documents: [],
          data: {
            document_type: "P",
            country: "UTO",
            name: name.first.toUpperCase(),
            surname: name.last.toUpperCase(),
            doc_number: `X${String(index).padStart(8, "0")}`,
          },
        },
      },
      created_at: timeText(at - 30_000),
      completed_at: timeText(at - 500),
    };
  };

  const screening = () => {
    const full_name = `${name.first} ${name.last}`;
    return {
      screening_id: uuid(at - 30_000),
      applicant_id,
      external_id: `customer-${index}`,
      search_request: { full_name, countries: [], entity_types: ["Person"] },
      search_response: { requested_name: full_name, search_uuid: uuid(at - 20_000), data: [] },
      risk_score: { type: pick(risks) },
      completed_at: timeText(at - 500),
    };
  };

  const isScreening = index % 3 === 2;
  return {
    id,
    webhook_id: webhookId,
    event_type: isScreening ? "AML_SCREENING" : "DOCVER",
    payload: isScreening ? screening() : verification(),
    timestamp: timeText(at),
    is_sandbox: false,
    attempts: 1,
    response_code: 200,
    last_attempt_at: timeText(at + 250),
  };
}

/**
 * Dataspike events as the history has them, oldest first, one second apart. Of three, two are DOCVER and one is
 * AML_SCREENING. The ids are unique and sort by time. A longer history of the same seed begins with the shorter one.
 */
export function historyEvents(count, options = {}) {
  const { webhookId = webhookOfDocuments, seed = 1, startAt = defaultStart } = options;
  const start = new Date(startAt).getTime();
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) =>
    makeEvent(random, start + index * 1000, index, webhookId),
  );
}

/** The body of a live delivery of an event: its JSON without what only the history has. */
export function bodyOf(event) {
  const { is_sandbox, attempts, response_code, last_attempt_at, ...delivered } = event;
  return JSON.stringify(delivered);
}
