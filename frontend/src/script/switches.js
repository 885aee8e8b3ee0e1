// What the server must know to draw the next page rightly at once, kept in cookies: 大字版, 深色, and whether this browser
// has the style sheet.

const YEAR = 365 * 24 * 3600;
const remember = (name, value) => {
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
};

const page = document.documentElement;

const turn = {
  large() {
    const large = page.dataset.type !== "large";
    if (large) page.dataset.type = "large";
    else delete page.dataset.type;
    remember("type", large ? "large" : "normal");
  },
  theme() {
    const now = page.dataset.bsTheme || (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    page.dataset.bsTheme = now === "dark" ? "light" : "dark";
    remember("theme", page.dataset.bsTheme);
  },
};

export function setUpSwitches() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-switch]");
    if (!link) return;
    event.preventDefault();
    turn[link.dataset.switch]();
  });
}

// A browser's first page carries the sheet inside (base/sending.py): it is fetched once more for the browser's own store.
export async function keepSheet() {
  const sheet = document.querySelector("[data-sheet]");
  const address = sheet.dataset.sheet;
  try {
    if (sheet.tagName === "STYLE" && !(await fetch(address)).ok) return;
    remember("sheet", address.slice(address.lastIndexOf("/") + 1));
  } catch {
    // The line is gone: the next page carries it again.
  }
}
