// The server writes times in UTC. This module rewrites them in the reader's zone (the zone stands
// in the title), says "5 minutes ago" where asked for and within a day, and makes countdowns tick.

const language = document.documentElement.lang;
const short = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const long = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function ago(seconds) {
  if (seconds < MINUTE) return relative.format(0, "second");
  if (seconds < HOUR) return relative.format(-Math.floor(seconds / MINUTE), "minute");
  return relative.format(-Math.floor(seconds / HOUR), "hour");
}

for (const time of document.querySelectorAll("time[datetime]:not([data-countdown])")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  const age = (Date.now() - at.getTime()) / 1000;
  const near = "relative" in time.dataset && age >= 0 && age < DAY;
  time.textContent = near ? ago(age) : short.format(at);
  time.title = `${long.format(at)} (${zone})`;
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes % 60)}:${rest}` : `${minutes}:${rest}`;
}

const started = performance.now();
const countdowns = [...document.querySelectorAll("[data-countdown]")];

function tick() {
  const passed = Math.floor((performance.now() - started) / 1000);
  for (const countdown of countdowns) {
    countdown.textContent = clock(Math.max(0, Number(countdown.dataset.countdown) - passed));
  }
}

if (countdowns.length) setInterval(tick, 1000);
