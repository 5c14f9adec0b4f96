/** Crashes that no program can prevent: plain node:http2 crashes in the same way. */
const faults: readonly { readonly sign: RegExp; readonly fault: string }[] = [
  {
    // On a GOAWAY with an error code, node:http2 destroys the session while nghttp2 is still reading the frames after
    // it.
    sign: /nghttp2_session\.c:\d+: nghttp2_session_mem_recv2?: Assertion `iframe->state == NGHTTP2_IB_IGN_ALL' failed/,
    fault: "nghttp2 failed its own assertion.",
  },
  {
    // Node 22: GOAWAY with an error code, HEADERS and DATA in one packet. The stream is opened in a destroyed
    // session, so no event announces it and nothing consumes its data.
    sign: /Assertion failed: onread->IsFunction\(\)/,
    fault: "node:http2 received data for a stream that it had not announced.",
  },
];

/** The fault of Node that ended a process; `undefined` if it was not one of these. */
export function faultOfNode(death: string): string | undefined {
  return faults.find(({ sign }) => sign.test(death))?.fault;
}
