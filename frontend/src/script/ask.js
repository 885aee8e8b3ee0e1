// The one question before a deed: data-confirm="…" on a form or its button, or hx-confirm. Words come from the template.

const box = () => document.getElementById("ask");

function ask(words, yes) {
  const dialog = box();
  if (!dialog || !dialog.showModal) return Promise.resolve(window.confirm(words));
  dialog.querySelector("p").textContent = words;
  const button = dialog.querySelector("[data-yes]");
  button.textContent = yes || button.dataset.yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

export function askBefore() {
  const agreed = new WeakSet();
  // In the capturing phase: before the guard that marks the form as on its way, and before htmx.
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const source = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
      if (!source.dataset.confirm || agreed.has(form)) return agreed.delete(form);
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!(await ask(source.dataset.confirm, source.dataset.yes))) return;
      agreed.add(form);
      if (form.requestSubmit) form.requestSubmit(event.submitter || undefined);
      else (source === form ? form.querySelector("button:not([type=button])") : source).click();
    },
    true,
  );

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.detail.elt.dataset.yes).then((yes) => yes && event.detail.issueRequest(true));
  });
}
