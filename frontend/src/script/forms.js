// One tap, one deed: a form on its way is not sent again. (The server's receipt is the true guard; this spares the doubt.)

const release = (form) => {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll(".busy")) {
    button.classList.remove("busy");
    button.removeAttribute("aria-disabled");
  }
};

export function guardForms() {
  let pressed = null; // submitter for browsers whose submit event does not name it
  document.addEventListener("click", (event) => {
    pressed = event.target.closest("button, input[type=submit]");
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.getAttribute("method") === "dialog") return;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.busy = "1";
    const button = event.submitter || (pressed && pressed.form === form ? pressed : form.querySelector("button:not([type=button])"));
    if (button) {
      button.classList.add("busy");
      button.setAttribute("aria-disabled", "true"); // not `disabled`: its own name and value must still be sent
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form) release(form);
  });
  // Back from the next page, the browser may show this one as it was left.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-busy]")) release(form);
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-focus], [data-print], [data-back]");
    if (!target) return;
    if (target.hasAttribute("data-print")) window.print();
    else if (target.hasAttribute("data-back")) window.history.back();
    else {
      const control = document.getElementById(target.dataset.focus);
      if (!control) return;
      event.preventDefault();
      control.focus();
      if (control.select) control.select();
    }
  });

  // Sent here to one field: its old value is chosen, so that typing puts the new one in its place.
  const sought = window.location.hash.startsWith("#id_") && document.getElementById(window.location.hash.slice(1));
  if (sought && sought.matches("input, textarea, select")) {
    sought.focus();
    if (sought.select) sought.select();
  }

  // A form that came back with problems begins at their summary.
  const summary = document.querySelector("[data-errors]");
  if (summary) summary.focus();
  document.addEventListener("htmx:afterSwap", (event) => {
    const again = event.detail.target.querySelector && event.detail.target.querySelector("[data-errors]");
    if (again) again.focus();
  });
}
