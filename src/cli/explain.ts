import { type DiagnoseOptions, type Diagnosis, diagnose } from "../diagnose.js";
import type { Delivery, Provider } from "../index.js";
import { specimens } from "./catalogue.js";

/** Says why a delivery is refused, other vendors' deliveries included. */
export async function explain(
  delivery: Delivery,
  provider: Pick<Provider, "name" | "scheme">,
  options: Omit<DiagnoseOptions, "providers"> = {},
): Promise<Diagnosis> {
  const providers = (await specimens()).filter(({ name }) => name !== provider.name);
  return diagnose(delivery, provider, { ...options, providers });
}
