/** Round trips over a call whose requests and responses are async iterables: each response lets the next request go. */
export function pushChat(start, note) {
  let gate = makeGate();
  const requests = (async function* () {
    while (await gate.opened) {
      gate = makeGate();
      yield note;
    }
  })();
  const responses = start(requests)[Symbol.asyncIterator]();
  return {
    async roundTrip() {
      gate.open(true);
      return (await responses.next()).value;
    },
    async end() {
      gate.open(false);
      if (!(await responses.next()).done) throw new Error("There is more than was sent");
    },
  };
}

function makeGate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
