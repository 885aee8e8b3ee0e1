// The pages work without this script. It spares a reload, keeps what was typed, and stops the second tap.
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import { askBefore } from "./ask.js";
import { copy, finder, toast } from "./bits.js";
import { forget, forgetOthers, keepDrafts, settleSent } from "./draft.js";
import { guardForms } from "./forms.js";
import { setUpHtmx } from "./lines.js";
import { signals } from "./signals.js";
import { keepSheet, setUpSwitches } from "./switches.js";

setUpHtmx(htmx);
setUpSwitches();
guardForms();
askBefore();
forgetOthers();
settleSent();
keepDrafts();
document.addEventListener("submit", (event) => {
  if (event.target.hasAttribute("data-forget")) forget();
});

Alpine.data("finder", finder);
Alpine.data("signals", signals);
Alpine.data("copy", copy);
Alpine.data("toast", toast);
Alpine.start();
keepSheet();

// Called for after the page was read (parts/after_style.js), and htmx waits for that moment: it is told. Once the page has
// loaded altogether, it does not wait.
if (document.readyState === "interactive") document.dispatchEvent(new Event("DOMContentLoaded"));
