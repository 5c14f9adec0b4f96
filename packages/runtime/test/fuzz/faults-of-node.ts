/** Ends of a process that no program can prevent: bare node:http2 ends in the same way. */
const faults: readonly { readonly sign: RegExp; readonly fault: string }[] = [
  {
    // A GOAWAY with an error makes node:http2 end the session while nghttp2 still reads the frames behind it.
    sign: /nghttp2_session\.c:\d+: nghttp2_session_mem_recv2?: Assertion `iframe->state == NGHTTP2_IB_IGN_ALL' failed/,
    fault: "nghttp2 failed its own assertion.",
  },
  {
    // Node 22: GOAWAY with an error, HEADERS and DATA in one packet. The stream is opened in a session that is destroyed,
    // so that JavaScript never hears of it, and nobody takes its data.
    sign: /Assertion failed: onread->IsFunction\(\)/,
    fault: "node:http2 received data for a stream that it had not announced.",
  },
];

/** What in Node itself has ended a process, if it is that. */
export function faultOfNode(death: string): string | undefined {
  return faults.find(({ sign }) => sign.test(death))?.fault;
}
