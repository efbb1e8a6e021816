/** Whether what is sent there can be read on the way by nobody else: HTTPS, or this machine. */
export function isSafeUrl({ protocol, hostname }: URL): boolean {
  return /^(?:https:.*|http:(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]))$/.test(protocol + hostname);
}
