// Mu-law in, sound out. Frames are scheduled back to back on the audio clock; a mark is returned when all
// audio that came before it has been played, as a telephone network does.
const RATE = 8000;
const START_DELAY_S = 0.06;

const TABLE = Float32Array.from({ length: 256 }, (_, byte) => {
  const u = ~byte & 0xff;
  const magnitude = (((u & 0x0f) << 3) + 0x84 << ((u & 0x70) >> 4)) - 0x84;
  return (u & 0x80 ? -magnitude : magnitude) / 32768;
});

export class Player {
  constructor(onMark) {
    this.context = new AudioContext();
    this.onMark = onMark;
    this.end = 0;
    this.sources = new Set();
    this.marks = [];
  }

  play(base64) {
    const raw = atob(base64);
    const buffer = this.context.createBuffer(1, raw.length, RATE);
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < raw.length; i++) samples[i] = TABLE[raw.charCodeAt(i)];
    const now = this.context.currentTime;
    if (this.end < now) this.end = now + START_DELAY_S;
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.start(this.end);
    source.onended = () => this.sources.delete(source);
    this.sources.add(source);
    this.end += raw.length / RATE;
  }

  mark(name) {
    const wait = Math.max(0, this.end - this.context.currentTime);
    const entry = { name };
    entry.timer = setTimeout(() => this.played(entry), wait * 1000);
    this.marks.push(entry);
  }

  played(entry) {
    this.marks = this.marks.filter((m) => m !== entry);
    this.onMark(entry.name);
  }

  clear() {
    for (const source of this.sources) source.stop();
    this.sources.clear();
    this.end = 0;
    const waiting = this.marks;
    this.marks = [];
    for (const entry of waiting) {
      clearTimeout(entry.timer);
      this.onMark(entry.name);
    }
  }

  close() {
    for (const entry of this.marks) clearTimeout(entry.timer);
    this.context.close();
  }
}
