// Keeps the page true while a device is being linked: asks for the same page again and takes over what changed.
// A page left open must neither keep a session alive for ever nor show a code to whoever passes by: it stops.
const POLL_MS = 3_000;
const STILL_POLL_MS = 15_000;
const STOP_AFTER_MS = 10 * 60_000;

const root = document.getElementById("whatsapp");
const $ = (id) => document.getElementById(id);
let began = performance.now();

function parts(tree) {
  return new Map([...tree.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
}

// What the server sent last, by part: not what is in the document now, where somebody may be typing.
const told = new Map([...parts(root)].map(([name, part]) => [name, content(part)]));

// A part with a key stays as it is while its key does, so that a half-typed number survives.
function content(part) {
  return part.dataset.key ?? part.innerHTML;
}

function takeOver(fresh) {
  for (const name of parts(fresh).keys()) {
    // Looked up each time: a part that was replaced brought new parts with it.
    const [mine, theirs] = [parts(root).get(name), parts(fresh).get(name)];
    if (!mine || told.get(name) === content(theirs)) continue;
    const focused = mine.contains(document.activeElement);
    told.set(name, content(theirs));
    mine.replaceChildren(...theirs.cloneNode(true).childNodes);
    Object.assign(mine.dataset, theirs.dataset);
    for (const [inner, part] of parts(mine)) told.set(inner, content(part));
    if (focused) $("title").focus();
  }
}

async function ask() {
  const answer = await fetch(root.dataset.url, { cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect") {
    location.assign("/login");
    return;
  }
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function stop() {
  parts(root).get("qr")?.replaceChildren();
  parts(root).get("code")?.replaceChildren();
  told.delete("qr");
  told.delete("code");
  $("paused").hidden = false;
}

async function watch() {
  if (performance.now() - began > STOP_AFTER_MS) {
    stop();
    return;
  }
  if (!document.hidden) {
    try {
      await ask();
      $("lost").hidden = true;
    } catch {
      $("lost").hidden = false;
    }
  }
  plan();
}

function plan() {
  const still = parts(root).get("state")?.dataset.still;
  setTimeout(watch, still ? STILL_POLL_MS : POLL_MS);
}

if (root.dataset.watched) {
  $("again").addEventListener("click", () => {
    began = performance.now();
    $("paused").hidden = true;
    watch();
  });
  plan();
}
