// Prints whether node:crypto is loaded: at first, with the package, and with a scheme.  loads-crypto.cjs <import|require>
const loaded = () => process.moduleLoadList.includes("NativeModule crypto");

async function main(how) {
  const found = [loaded()];
  const { svix } = how === "import" ? await import("countersign") : require("countersign");
  found.push(loaded());
  svix({ secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` });
  process.stdout.write(JSON.stringify([...found, loaded()]));
}

main(process.argv[2]);
