// The DOCVER event of Dataspike's documentation of 2022, as it stands there.

export const docver = {
  id: "1ed2fb46-8271-6a33-a9ef-7553f473af46",
  webhook_id: "1ed2f903-2d75-6b19-b6a5-29535bc3340e",
  event_type: "DOCVER",
  payload: {
    id: "b86a3cbe-7880-4759-a4f3-9bcabac3cf3c",
    checks: { passport: { data: [], errors: [], status: "in_progress", warnings: [] } },
    status: "verified",
    created_at: "2022-09-08T20:25:40.636471Z",
    updated_at: "2022-09-08T20:25:40.636480Z",
    applicant_id: "4da42a83-14db-4f19-9820-19cc10ad21cf",
    document_ids: ["bd59f3da-b89d-4198-be1d-9b65477ddfb1"],
    document_type: "passport",
  },
  timestamp: "2022-09-08T20:25:40.636658Z",
};
