// Keeps a long form while it is written: <form data-draft="visit:…">. In sessionStorage only, so that it ends
// with the tab; under the person's own name, so that the next one at a shared desk never sees it; gone at sign-out.

const PREFIX = "draft:";
const person = () => document.body.dataset.person || "";
const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const own = (key) => key.startsWith(`${PREFIX}${person()}:`);

let forgotten = false;

/** Leave nothing of this person behind; the page that is being left keeps nothing either. */
export function forget() {
  forgotten = true;
  for (const key of keys()) sessionStorage.removeItem(key);
}

/** Somebody else signed in: what the one before wrote goes. The sign-in page itself names nobody and waits. */
export function forgetOthers() {
  if (!person()) return;
  for (const key of keys()) if (!own(key)) sessionStorage.removeItem(key);
}

/**
 * A draft that was sent is done with once another page answers; when the same form or an error page comes back it stays.
 * Where the door answers, the session had ended and nothing was saved: the draft waits, and the door says so.
 */
export function settleSent() {
  if (document.body.hasAttribute("data-unsaved")) return;
  const here = new Set([...document.querySelectorAll("form[data-draft]")].map((form) => keyOf(form)));
  for (const key of keys()) {
    const kept = JSON.parse(sessionStorage.getItem(key));
    if (!kept.sent || here.has(key)) continue;
    if (person()) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify({ values: kept.values, sent: false }));
  }
  const note = document.querySelector("[data-kept-note]");
  if (note) note.hidden = keys().length === 0;
}

const keyOf = (form) => `${PREFIX}${person()}:${form.dataset.draft}`;
const keeps = (control) =>
  control.name && !["hidden", "password", "file", "submit", "button"].includes(control.type) && control.name !== "csrfmiddlewaretoken";

function read(form) {
  const values = {};
  for (const control of form.elements) {
    if (!keeps(control)) continue;
    if (control.type === "radio" || control.type === "checkbox") {
      values[control.name] = values[control.name] || [];
      if (control.checked) values[control.name].push(control.value);
    } else if (control.multiple) values[control.name] = [...control.selectedOptions].map((option) => option.value);
    else values[control.name] = [control.value];
  }
  return values;
}

function write(form, values) {
  for (const control of form.elements) {
    if (!keeps(control) || !(control.name in values)) continue;
    const wanted = values[control.name];
    if (control.type === "radio" || control.type === "checkbox") control.checked = wanted.includes(control.value);
    else if (control.multiple) for (const option of control.options) option.selected = wanted.includes(option.value);
    else control.value = wanted[0];
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function keepDraft(form) {
  const key = keyOf(form);
  const fresh = JSON.stringify(read(form));
  const sentBack = Boolean(form.querySelector("[data-errors]")); // with what was typed; that is the newest
  let waiting;
  let unkept = false;

  const keep = (sent) => {
    clearTimeout(waiting);
    if (forgotten) return;
    const values = read(form);
    try {
      if (!sent && !sentBack && JSON.stringify(values) === fresh) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify({ values, sent: Boolean(sent) }));
      unkept = false;
    } catch (full) {
      unkept = true;
    }
  };

  const note = form.querySelector("[data-draft-note]");
  const before = JSON.parse(sessionStorage.getItem(key) || "null");
  if (sentBack) keep(false);
  else if (before && JSON.stringify(before.values) !== fresh) {
    write(form, before.values);
    if (note) note.hidden = false;
  }
  if (note) {
    note.querySelector("button").addEventListener("click", () => {
      write(form, JSON.parse(fresh));
      sessionStorage.removeItem(key);
      note.hidden = true;
    });
  }

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 400, false);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) keep(true);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === form && event.detail.successful) sessionStorage.removeItem(key);
  });
  window.addEventListener("pagehide", () => {
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    if (!kept || !kept.sent) keep(false);
  });
  // Leaving asks only when nothing could be kept.
  window.addEventListener("beforeunload", (event) => {
    if (unkept && !form.dataset.busy) event.preventDefault();
  });
}

/** Every form that asks for it, now and when htmx brings one. */
export function keepDrafts() {
  const begin = () => {
    for (const form of document.querySelectorAll("form[data-draft]:not([data-kept])")) {
      form.dataset.kept = "1";
      keepDraft(form);
    }
  };
  begin();
  document.addEventListener("htmx:afterSwap", begin);
}
