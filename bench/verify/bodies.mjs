// JSON of a given length.

export const sizes = [100, 1024, 8192, 65_536, 1_048_576];

export function bodyOf(bytes) {
  const head = '{"type":"verification.completed","data":[';
  const item = (index) =>
    `{"id":"chk_${String(index).padStart(8, "0")}","status":"successful","score":${index % 100}}`;
  let text = head + item(0);
  for (let index = 1; ; index += 1) {
    const next = `${text},${item(index)}`;
    if (next.length + '],"note":""}'.length > bytes) break;
    text = next;
  }
  if (bytes < text.length + '],"note":""}'.length) {
    text = '{"type":"verification.completed","data":[';
  }
  const padding = bytes - text.length - '],"note":""}'.length;
  return new TextEncoder().encode(`${text}],"note":"${"n".repeat(padding)}"}`);
}
