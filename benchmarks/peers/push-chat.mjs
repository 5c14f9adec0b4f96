/** Makes round trips on a bidi call whose requests and responses are async iterables. */
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
      if (!(await responses.next()).done) throw new Error("Received more messages than were sent");
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
