// The live connection of the desk: when access ends, every tab says so at once.
// One tab holds the connection for all; the others hear of it from that one.

const address = document.querySelector("meta[name=live-stream]")?.content;
const others = new BroadcastChannel("live-agent");

// How long a page that is being left for another one may still stand before it is read again.
const LEAVING_MS = 5000;
let leaving = false;
addEventListener("beforeunload", () => (leaving = true));

function leave() {
  // The same address again: the server says there why it is not shown any more. Whoever just
  // pressed "Log out" is on the way to a page that says so, and must not be turned back.
  setTimeout(() => location.reload(), leaving ? LEAVING_MS : 0);
}

function listen() {
  return new Promise(() => {
    const stream = new EventSource(address);
    const ended = () => {
      stream.close();
      others.postMessage("ended");
      leave();
    };
    stream.addEventListener("ended", ended);
    // Closed for good: the session was not accepted any more. Otherwise it connects again by itself.
    stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && ended());
  });
}

if (address) {
  others.addEventListener("message", leave);
  // Held until this tab is closed; then the next tab gets it.
  if (navigator.locks) navigator.locks.request("live-agent-stream", listen);
  else listen();
}
