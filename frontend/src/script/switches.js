// 大字版 and 深色: kept in cookies, so that the server draws the next page rightly at once.

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
