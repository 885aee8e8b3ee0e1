// htmx with the policy's limits, and what the page says when the line is down.

const say = (strip, parts, code) => {
  for (const piece of strip.querySelectorAll("[data-say]")) piece.hidden = !parts.includes(piece.dataset.say);
  const place = strip.querySelector("[data-code]");
  if (place) place.textContent = code || "";
  strip.hidden = false;
};

export function setUpHtmx(htmx) {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false, // it would add a <style> element
    historyCacheSize: 0, // pages hold children's names: none is kept in localStorage
    refreshOnHistoryMiss: true,
    selfRequestsOnly: true,
    // A form sent back with its problems (422) or with both values (409) is an answer to show.
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "409", swap: true },
      { code: "422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });

  const offline = document.getElementById("offline");
  const trouble = document.getElementById("trouble");
  let last = null;

  const kept = () => (document.querySelector("form[data-draft]") ? ["kept"] : []);
  const tell = (what, event, code) => {
    if (!trouble) return;
    last = event.detail.elt;
    say(trouble, [what, ...kept(), ...(code ? ["code"] : [])], code);
  };
  document.addEventListener("htmx:sendError", (event) => tell("lost", event));
  document.addEventListener("htmx:timeout", (event) => tell("lost", event));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    // Signed out meanwhile: the sign-in page belongs in the whole window, not in a part of this one.
    if (xhr.status === 401) return window.location.reload();
    tell("failed", event, xhr.getResponseHeader("X-Trouble-Number") || String(xhr.status));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && trouble) trouble.hidden = true;
  });
  if (trouble) {
    trouble.querySelector("[data-again]").addEventListener("click", () => {
      trouble.hidden = true;
      if (!last || !last.isConnected) return window.location.reload();
      if (last.tagName === "FORM" && last.requestSubmit) last.requestSubmit();
      else last.click();
    });
  }

  // Without a line a form would lead to the browser's own page of trouble: it stays here, with what was written.
  const stay = (event) => {
    if (navigator.onLine || !trouble || event.target.getAttribute("method") !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    last = event.target;
    say(trouble, ["unsent", ...kept()]);
  };
  document.addEventListener("submit", stay, true);

  const show = () => {
    if (offline) offline.hidden = navigator.onLine;
  };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
}
