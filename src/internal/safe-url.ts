/**
 * Protocol and host name, one after the other, of an address to which nobody else can listen on the way: HTTPS, or this
 * machine.
 */
export const safeProtocolAndHost = /^(?:https:.*|http:(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]))$/;
