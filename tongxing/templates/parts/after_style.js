document.addEventListener("DOMContentLoaded", () => {
  const script = document.createElement("script");
  script.src = document.getElementById("script").dataset.src;
  document.head.append(script);
}, { once: true });
