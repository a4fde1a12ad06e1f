// The test call: the socket, the transcript and the panels. Every text from the server is set as text, never as HTML.
import { Player } from "./sound.js";

const $ = (id) => document.getElementById(id);
const desk = $("desk").dataset;
const TARGETS = { stt: +desk.stt, ai: +desk.ai, tts: +desk.tts, total: +desk.total };
const PHASES = {
  idle: "לא בשיחה", ringing: "מצלצל", speaking: "מדברת", listening: "מקשיבה", thinking: "חושבת",
  waiting_for_dtmf: "ממתינה להקשה", closing: "נפרדת", ended: "השיחה הסתיימה",
};
const ENDINGS = {
  caller: "ניתקת", agent: "דלפק סיימה את השיחה", max_duration: "השיחה הגיעה לאורך המרבי",
  carrier: "הקו התנתק", transferred: "השיחה הועברה", drained: "השרת נסגר", internal_error: "תקלה",
};
const KINDS = { confirmation: "אישור תור", call_summary: "סיכום שיחה", lead_notice: "הודעה לעסק" };
const STATES = {
  recorded: "נרשם בתיבת היוצא", accepted: "נשלח", delivered: "נמסר", skipped: "לא נשלח", failed: "נכשל",
  pending: "ממתין", sending: "בשליחה",
};
const QUIET = new Set(["business.overview"]);
const POLL_MS = 700;
const POLLS_MAX = 60;

let socket = null;
let player = null;
let call = null;
let turns = new Map();
let speeches = new Map();

// Digits and bullets of a masked number fall apart in a right-to-left line unless they are isolated.
function isolate(text) {
  return String(text).replace(/[+\d•][\d•-]{5,}/g, "\u2066$&\u2069");
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = isolate(text);
  return node;
}

function add(list, node) {
  list.querySelector(".hint")?.remove();
  list.append(node);
  list.scrollTop = list.scrollHeight;
}

function line(who, text) {
  const item = element("li", who === "event" ? "event" : `say-line ${who}`, text);
  add($("transcript"), item);
  return item;
}

function setLive(live) {
  for (const node of [$("text"), $("send"), ...$("keypad").children]) node.disabled = !live;
  for (const node of [$("sound"), $("keypad-only"), $("business")]) {
    if (!(node.id === "sound" && node.nextElementSibling)) node.disabled = live;
  }
  $("call").textContent = live ? "ניתוק" : "התחלת שיחה";
  $("call").dataset.live = live ? "1" : "0";
  if (live) $("text").focus();
}

function setPhase(phase) {
  $("phase").dataset.phase = phase;
  $("phase").textContent = PHASES[phase] ?? phase;
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

// -- panels -----------------------------------------------------------------------------------------

function turnRow(number) {
  if (turns.has(number)) return turns.get(number);
  const row = element("li", "row");
  row.dataset.turn = number;
  const what = element("span", "what", number === 0 ? "ברכת פתיחה" : `תור ${number}`);
  const chart = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  chart.setAttribute("role", "img");
  const ms = element("span", "ms", "…");
  row.append(what, chart, ms);
  const list = $("waterfall");
  const after = [...list.children].find((other) => +other.dataset.turn > number);
  add(list, row);
  if (after) after.before(row);
  const turn = { row, what, chart, ms, marks: {} };
  turns.set(number, turn);
  return turn;
}

// Bars run from the caller's last word; the axis is the target of the whole turn and a quarter more.
function drawTurn(turn) {
  const { stt_final_ms: stt = 0, ai_latency_ms: ai = 0, tts_ready_ms: tts = 0, total_ms: total, heard_ms: heard } = turn.marks;
  const span = Math.max(TARGETS.total * 1.25, total ?? 0, heard ?? 0);
  const ns = "http://www.w3.org/2000/svg";
  turn.chart.replaceChildren();
  turn.chart.setAttribute("viewBox", "0 0 1000 14");
  turn.chart.setAttribute("preserveAspectRatio", "none");
  const rect = (kind, from, length) => {
    const bar = document.createElementNS(ns, "rect");
    bar.setAttribute("class", kind);
    const width = Math.min(1000, Math.max(kind === "track" ? 0 : 5, (length / span) * 1000));
    bar.setAttribute("x", 1000 - (from / span) * 1000 - width);
    bar.setAttribute("width", width);
    bar.setAttribute("height", 14);
    turn.chart.append(bar);
  };
  rect("track", 0, span);
  const parts = [["stt", stt], ["ai", ai], ["tts", tts]].filter(([name]) => turn.marks[{ stt: "stt_final_ms", ai: "ai_latency_ms", tts: "tts_ready_ms" }[name]] !== undefined);
  let from = 0;
  for (const [kind, length] of parts) {
    rect(kind, from, length);
    from += length;
  }
  const line = (kind, at) => {
    const mark = document.createElementNS(ns, "line");
    const x = 1000 - (at / span) * 1000;
    for (const [k, v] of Object.entries({ class: kind, x1: x, x2: x, y1: 0, y2: 14 })) mark.setAttribute(k, v);
    turn.chart.append(mark);
  };
  line("goal", TARGETS.total);
  if (heard !== undefined) line("heard", heard);
  const shown = total ?? from;
  turn.ms.textContent = `${shown} ms`;
  turn.ms.classList.toggle("late", shown > TARGETS.total);
  turn.chart.setAttribute("aria-label", `זיהוי ${stt}, חשיבה ${ai}, קול ${tts}, סך הכול ${shown}${heard === undefined ? "" : `, נשמע אחרי ${heard}`} אלפיות שנייה`);
}

function showTool(data) {
  const row = element("li", data.ok && QUIET.has(data.tool) ? "row quiet" : "row");
  row.append(element("span", data.ok ? "ok" : "no", data.ok ? "✓" : "✗"));
  row.append(element("code", "", data.tool), element("span", "time", `${data.ms} ms`));
  if (data.reason) row.append(element("span", "why", data.reason));
  add($("tools"), row);
}

function showBooking(list) {
  if (!list.length) return;
  $("booking").replaceChildren(...list.map((a) => {
    const start = new Date(a.start);
    const zone = a.start.slice(0, 16);
    const day = new Date(`${zone.slice(0, 10)}T12:00:00`).toLocaleDateString("he-IL", { weekday: "long", day: "numeric", month: "long" });
    const box = element("dl", "booking");
    const when = element("dd", "when", `${day}, ${zone.slice(11)}`);
    when.dataset.start = start.toISOString();
    box.append(when);
    for (const [label, value] of [["שירות", a.service], ["אצל", a.resource], ["שם", a.name], ["טלפון", a.phone]]) {
      if (!value) continue;
      const dd = element("dd", "", value);
      if (label === "טלפון") dd.dir = "ltr";
      box.append(element("dt", "", label), dd);
    }
    return box;
  }));
}

function showMessages(list) {
  if (!list.length) return;
  $("messages").replaceChildren(...list.map((m) => {
    const bubble = element("div", "bubble", m.text || "(אין טקסט)");
    const state = [KINDS[m.kind] ?? m.kind, STATES[m.state] ?? m.state, m.reason].filter(Boolean).join(" · ");
    bubble.append(element("small", "", state));
    return bubble;
  }));
}

async function refresh() {
  if (!call) return null;
  const answer = await fetch(`/api/businesses/${encodeURIComponent(call.business_id)}/calls/${encodeURIComponent(call.id)}`);
  if (!answer.ok) return null;
  const data = await answer.json();
  showBooking(data.appointments);
  showMessages(data.messages);
  return data;
}

// Follow-up is sent by the flow engine a moment later: look until it is there, a bounded number of times.
async function follow(enough) {
  for (let i = 0; i < POLLS_MAX; i++) {
    const data = await refresh();
    if (data && enough(data)) return;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

// -- the call ---------------------------------------------------------------------------------------

const SHOW = {
  call(data) { call = data; },
  phase(data) { setPhase(data.phase); },
  caller(data) {
    if (data.said) line("caller", data.said);
    turnRow(data.turn).what.textContent = isolate(data.said || (data.silence ? "שתיקה" : `תור ${data.turn}`));
  },
  agent(data) { speeches.set(data.speech, line("agent", data.text)); },
  turn(data) {
    if (data.interrupted) [...speeches.values()].at(-1)?.classList.add("cut");
    speeches = new Map();
  },
  mark(data) {
    const turn = turnRow(data.turn);
    turn.marks[data.mark] = data.ms;
    drawTurn(turn);
  },
  tool(data) {
    showTool(data);
    if (data.ok && data.tool === "calendar.create_appointment") follow((d) => d.messages.length > 0);
  },
  transfer() { line("event", "השיחה מועברת לנציג"); },
  cleared() {},
};

function onMessage(event) {
  const message = JSON.parse(event.data);
  switch (message.type) {
    case "media": player?.play(message.payload); break;
    case "mark": player ? player.mark(message.name) : send({ type: "mark", name: message.name }); break;
    case "clear": player?.clear(); break;
    case "show": SHOW[message.kind]?.(message.data); break;
    case "ended": ended(message.reason); break;
  }
}

function ended(reason) {
  if (!socket) return;
  socket = null;
  player?.close();
  player = null;
  setPhase("ended");
  line("event", ENDINGS[reason] ?? reason);
  setLive(false);
  follow((d) => d.messages.some((m) => m.kind === "call_summary"));
}

function start() {
  const sound = $("sound").checked;
  const query = new URLSearchParams({ business: $("business").value });
  if ($("keypad-only").checked) query.set("keypad", "1");
  turns = new Map();
  speeches = new Map();
  call = null;
  for (const id of ["transcript", "waterfall", "tools"]) $(id).replaceChildren();
  for (const id of ["booking", "messages"]) $(id).replaceChildren(element("p", "hint", "…"));
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/console/call?${query}`);
  socket = opened;
  player = sound ? new Player((name) => send({ type: "mark", name })) : null;
  opened.onopen = () => {
    opened.send(JSON.stringify({ type: "start", sound }));
    setLive(true);
    setPhase("ringing");
  };
  opened.onmessage = onMessage;
  opened.onclose = () => { if (socket === opened) ended("carrier"); };
}

$("call").addEventListener("click", () => (socket ? send({ type: "hangup" }) : start()));
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text) send({ type: "text", text });
  $("text").value = "";
});
$("keypad").addEventListener("click", (event) => {
  if (event.target.dataset.key) send({ type: "key", key: event.target.dataset.key });
});
document.querySelector(".example")?.addEventListener("click", (event) => {
  $("text").value = event.target.textContent;
  if (!socket) start();
});
