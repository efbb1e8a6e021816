// The schemes of countersign.

export async function ours() {
  const { svix, hmac, stampedHmac, headerSecret, verifySvix } = await import("countersign");
  const { svixAsymmetric } = await import("countersign/schemes/svix-asymmetric");
  const prepared = (name, format, make) => ({
    name,
    kind: "ours",
    format,
    make: (secrets) => {
      const scheme = make(secrets);
      return (delivery) => scheme.verify(delivery);
    },
  });
  return [
    prepared("countersign svix", "svix", ({ whsec }) => svix({ secret: whsec })),
    {
      name: "countersign verifySvix, one-shot",
      kind: "ours",
      format: "svix",
      make: ({ whsec }) => {
        const options = { secret: whsec };
        return (delivery) => verifySvix(delivery, options);
      },
    },
    prepared("countersign hmac", "hex", ({ text }) =>
      hmac({ secret: text, header: "x-hub-signature-256", prefix: "sha256=" }),
    ),
    prepared("countersign stampedHmac", "stamp", ({ text }) =>
      stampedHmac({ secret: text, header: "stripe-signature" }),
    ),
    {
      ...prepared("countersign headerSecret", "header", ({ text }) =>
        headerSecret({ secret: text, header: "x-webhook-secret" }),
      ),
      ignoresBody: true,
    },
    prepared("countersign svixAsymmetric", "v1a", ({ publicKey }) => svixAsymmetric({ publicKey })),
  ];
}
