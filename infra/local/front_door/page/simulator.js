import { SUGGESTIONS, day, described, personRole, phone as shownPhone, refusal, roleName, seconds, time, toolName } from "./words.js";

const UNKNOWN = { name: "Visitante", phone: "+5511955501234", role: "unknown" };
const HUES = ["#0a6b4f", "#5b3cc4", "#9a3412", "#0b5c93", "#7a2e5d", "#4a5a12"];
const WAIT_MS = 45_000;
const FAST_MS = 700;
const SLOW_MS = 2_500;

const $ = (id) => document.getElementById(id);
const log = $("log");
const state = { companies: [], company: null, person: null, pending: new Map(), messages: [], drawn: new Map(), timer: 0, round: 0 };

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

const remember = (key, kept) => localStorage.setItem(`falachefe.${key}`, JSON.stringify(kept));
function recall(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`falachefe.${key}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// ---- Who writes to whom

function people() {
  const typed = recall("phones", []).map((number) => ({ name: "Outro número", phone: number, role: "unknown" }));
  return [...(state.company?.people ?? []), UNKNOWN, ...typed];
}

function avatar(name, index) {
  const initials = name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => word[0].toUpperCase()).join("");
  const made = element("span", "avatar", initials);
  made.setAttribute("aria-hidden", "true");
  made.style.setProperty("--hue", HUES[index % HUES.length]);
  return made;
}

function drawPeople() {
  const rows = people().map((person, index) => {
    const text = element("span", "", element("strong", "", person.name), element("small", "", shownPhone(person.phone)));
    const button = element("button", "", avatar(person.name, index), text, element("span", "role", personRole(person.role)));
    button.type = "button";
    button.setAttribute("aria-current", String(person.phone === state.person?.phone));
    button.addEventListener("click", () => choose(person));
    return element("li", "", button);
  });
  $("phones").replaceChildren(...rows);
}

function drawBar() {
  const name = state.company?.name ?? "Pilha fora do ar";
  $("bar-title").textContent = name;
  $("bar-avatar").textContent = name[0];
  document.title = `${name} · simulador Falachefe`;
  drawStatus();
}

function drawStatus() {
  const asWhom = state.person ? `você é ${state.person.name}, ${shownPhone(state.person.phone)}` : "";
  $("bar-status").textContent = !state.company ? "rode “make up” e recarregue" : waiting() ? "digitando…" : asWhom;
}

function choose(person) {
  state.person = person;
  state.round += 1;
  state.messages = [];
  state.pending.clear();
  state.drawn.clear();
  log.setAttribute("aria-live", "off");
  log.replaceChildren();
  remember("person", person.phone);
  showPeople(false);
  drawPeople();
  drawBar();
  refresh();
  // On a touch screen focus would raise the keyboard over the conversation.
  if (!matchMedia("(pointer: coarse)").matches) $("text").focus({ preventScroll: true });
}

function showPeople(open) {
  document.body.classList.toggle("choosing", open);
  $("open-people").setAttribute("aria-expanded", String(open));
  document.querySelector(".chat").inert = open;
  if (open) $("close-people").focus();
  else if (document.activeElement === $("close-people")) $("open-people").focus();
}

// ---- Messages

function entries() {
  const known = new Set(state.messages.map((message) => message.id));
  for (const id of known) state.pending.delete(id);
  return [...state.messages, ...state.pending.values()].sort((one, other) => one.at.localeCompare(other.at));
}

function waiting() {
  const last = entries().at(-1);
  const open = last && last.direction === "in" && ["sending", "accepted", "stored"].includes(last.status);
  return Boolean(open) && Date.now() - Date.parse(last.at) < WAIT_MS;
}

// WhatsApp's own marks: *bold*, _italic_, ~struck~, ```code```. Made of nodes, so that no text becomes markup.
function words(text) {
  const made = element("div", "words");
  const marks = /```([^`]+)```|(?<![\p{L}\p{N}])([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\2(?![\p{L}\p{N}])/gu;
  const tags = { "*": "strong", _: "em", "~": "s" };
  let at = 0;
  for (const found of text.matchAll(marks)) {
    made.append(text.slice(at, found.index), element(found[1] ? "code" : tags[found[2]], "", found[1] ?? found[3]));
    at = found.index + found[0].length;
  }
  made.append(text.slice(at));
  return made;
}

const TICKS = {
  sending: ["enviando", "M9 2a4 4 0 1 0 .01 0M9 4v2.2l1.5 1"],
  accepted: ["enviada", "M5 6.500l2.5 2.500L13 3"],
  stored: ["entregue", "M2 6.500L4.5 9 10 3M8 9l5.5-6"],
  answered: ["respondida", "M2 6.500L4.5 9 10 3M8 9l5.5-6"],
};

function tick(status) {
  if (!TICKS[status]) return "";
  const [label, path] = TICKS[status];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 12");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  if (status === "answered") svg.classList.add("read");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

const DELIVERY = { queued: "na fila", sending: "saindo", sent: "enviada", delivered: "entregue", read: "lida", failed: "não saiu", uncertain: "envio incerto" };

function colour(made, role) {
  if (/^[a-z]+$/.test(role ?? "")) made.style.setProperty("--agent", `var(--${role})`);
  return made;
}

function toolChip(run) {
  const values = described(run.args ?? {});
  const chip = element("span", run.ok ? "chip" : "chip failed", element("b", "", run.ok ? toolName(run.tool) : `${toolName(run.tool)} (sem efeito)`));
  if (values) chip.append(element("span", "values", values));
  chip.title = `${run.tool} ${JSON.stringify(run.args)}`;
  return colour(chip, run.role);
}

function handoffChip(handoff) {
  const chip = element("span", "chip handoff", element("b", "", `${roleName(handoff.from)} → ${roleName(handoff.to)}`));
  if (handoff.reason) chip.append(element("span", "values", handoff.reason));
  return colour(chip, handoff.to);
}

function backstage(message) {
  const chips = [...(message.handoffs ?? []).map(handoffChip), ...(message.tools ?? []).map(toolChip)];
  return chips.length ? element("div", "backstage", ...chips) : null;
}

function drawMessage(message) {
  const mine = message.direction === "in";
  const details = [time(message.at)];
  if (!mine) details.push(DELIVERY[message.status] ?? "");
  if (!mine && message.milliseconds != null) details.push(seconds(message.milliseconds));
  const meta = element("div", "meta", element("span", "", details.filter(Boolean).join(" · ")), mine ? tick(message.status) : "");
  const bubble = element("div", "bubble");
  if (message.role) bubble.append(colour(element("div", "agent", roleName(message.role)), message.role));
  bubble.append(words(message.text), meta);
  const refused = message.status === "refused";
  const made = element("article", `message ${mine ? "mine" : "theirs"}${refused ? " refused" : ""}`, bubble);
  made.setAttribute("aria-label", mine ? "Você" : message.role ? roleName(message.role) : state.company.name);
  if (refused) bubble.append(element("p", "why", refusal(message.webhook_status)));
  const chips = mine ? null : backstage(message);
  if (chips) made.append(chips);
  return made;
}

function drawTyping() {
  const dots = element("div", "typing", element("span"), element("span"), element("span"));
  dots.setAttribute("role", "img");
  dots.setAttribute("aria-label", "digitando");
  return element("div", "message theirs", element("div", "bubble", dots));
}

function drawEmpty() {
  const lines = state.company
    ? ["Comece a conversa", "Escreva como se fosse o WhatsApp, ou toque em uma sugestão abaixo. Quem atende e o que foi feito aparece junto da resposta."]
    : ["A pilha local não está no ar", "Rode “make up” no terminal. Esta página se atualiza sozinha."];
  return element("div", "empty", element("strong", "", lines[0]), element("p", "", lines[1]));
}

// Only what changed is touched: a screen reader then reads new replies and nothing twice.
function draw() {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const before = state.drawn.size;
  const wanted = [];
  let shownDay = "";
  for (const message of entries()) {
    if (day(message.at) !== shownDay) {
      shownDay = day(message.at);
      wanted.push([`day ${shownDay}`, shownDay, () => element("div", "day", shownDay)]);
    }
    wanted.push([message.id, JSON.stringify(message), () => drawMessage(message)]);
  }
  if (!wanted.length) wanted.push(["empty", String(Boolean(state.company)), drawEmpty]);
  if (waiting()) wanted.push(["typing", "", drawTyping]);
  place(wanted);
  const grew = state.drawn.size > before;
  if (atEnd || !before) log.scrollTop = log.scrollHeight;
  $("to-end").hidden = atEnd || !before || (!grew && $("to-end").hidden);
  drawStatus();
}

function place(wanted) {
  const keys = new Set(wanted.map(([key]) => key));
  for (const [key, drawn] of state.drawn) {
    if (!keys.has(key)) {
      drawn.node.remove();
      state.drawn.delete(key);
    }
  }
  wanted.forEach(([key, signature, make], index) => {
    let drawn = state.drawn.get(key);
    if (drawn?.signature !== signature) {
      const node = make();
      drawn?.node.replaceWith(node);
      drawn = { node, signature };
      state.drawn.set(key, drawn);
    }
    if (log.children[index] !== drawn.node) log.insertBefore(drawn.node, log.children[index] ?? null);
  });
}

// ---- Talking to the front door

async function ask(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail), { status: response.status });
  return answer;
}

async function refresh() {
  clearTimeout(state.timer);
  const round = state.round;
  try {
    if (!state.company) await loadCompanies();
    if (state.company && state.person) {
      const where = new URLSearchParams({ company_id: state.company.company_id, phone: state.person.phone });
      const { messages } = await ask(`/simulator/conversation?${where}`);
      if (round !== state.round) return;
      state.messages = messages;
    }
  } catch (error) {
    if (error.status === 503) state.company = null;
  }
  if (round !== state.round) return;
  draw();
  // Announcing starts after the first drawing, or the whole conversation would be read out.
  setTimeout(() => log.setAttribute("aria-live", "polite"), 300);
  schedule();
}

function schedule() {
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, waiting() ? FAST_MS : SLOW_MS);
}

function newMessageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase()}`;
}

async function send(text) {
  if (!state.company || !state.person || !text.trim()) return;
  const message = { id: newMessageId(), direction: "in", text, at: new Date().toISOString(), status: "sending" };
  state.pending.set(message.id, message);
  draw();
  log.scrollTop = log.scrollHeight;
  const body = JSON.stringify({ company_id: state.company.company_id, phone: state.person.phone, text, messageid: message.id });
  try {
    const answer = await ask("/simulator/send", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const status = answer.webhook_status === 200 ? "accepted" : "refused";
    if (state.pending.has(message.id)) state.pending.set(message.id, { ...message, ...answer, status });
  } catch (error) {
    if (state.pending.has(message.id)) state.pending.set(message.id, { ...message, status: "refused", webhook_status: error.status ?? 0 });
  }
  draw();
  schedule();
}

async function loadCompanies() {
  state.companies = await ask("/simulator/companies");
  const kept = recall("company", "");
  state.company = state.companies.find((company) => company.company_id === kept) ?? state.companies[0] ?? null;
  const options = state.companies.map((company) => new Option(company.name, company.company_id));
  $("company").replaceChildren(...options);
  $("company").value = state.company?.company_id ?? "";
  state.person ??= people().find((person) => person.phone === recall("person", "")) ?? people()[0];
  drawPeople();
  drawBar();
}

// ---- Controls

function openTyped(event) {
  event.preventDefault();
  const digits = $("other-phone").value.replace(/\D/g, "");
  const whole = digits.length === 10 || digits.length === 11 ? `55${digits}` : digits;
  const wrong = whole.length < 12 || whole.length > 15;
  $("other-error").textContent = wrong ? "Digite o número com DDD, como 11 91234-5678." : "";
  $("other-phone").setAttribute("aria-invalid", String(wrong));
  if (wrong) return;
  const known = people().find((person) => person.phone === `+${whole}`);
  if (!known) remember("phones", [...new Set([`+${whole}`, ...recall("phones", [])])].slice(0, 5));
  $("other-phone").value = "";
  choose(known ?? people().find((person) => person.phone === `+${whole}`));
}

function fit() {
  const text = $("text");
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 140)}px`;
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  $("text").value = "";
  fit();
  send(text);
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
$("text").addEventListener("input", fit);
$("other").addEventListener("submit", openTyped);
$("company").addEventListener("change", () => {
  state.company = state.companies.find((company) => company.company_id === $("company").value);
  remember("company", state.company.company_id);
  choose(people()[0]);
});
$("open-people").addEventListener("click", () => showPeople(true));
$("close-people").addEventListener("click", () => showPeople(false));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") showPeople(false);
});
document.addEventListener("click", (event) => {
  if (document.body.classList.contains("choosing") && !event.target.closest(".people, #open-people")) showPeople(false);
});
$("to-end").addEventListener("click", () => {
  log.scrollTop = log.scrollHeight;
  $("to-end").hidden = true;
});
log.addEventListener("scroll", () => {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 80) $("to-end").hidden = true;
});
$("backstage").checked = recall("backstage", true);
document.body.classList.toggle("hide-backstage", !$("backstage").checked);
$("backstage").addEventListener("change", () => {
  document.body.classList.toggle("hide-backstage", !$("backstage").checked);
  remember("backstage", $("backstage").checked);
});
$("suggestions").replaceChildren(
  ...SUGGESTIONS.map((text) => {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => send(text));
    return button;
  }),
);

refresh();
