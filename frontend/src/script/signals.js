// The visit page. x-data="signals" on the form: 其余都正常 fills what is not yet answered and has a "normal" (when the
// parents last called is a fact, it has none); lines that a worry opens come and go.
//   data-when="mood=worry study=worry" on an element inside: shown while any of the pairs holds.

export function signals() {
  return {
    init() {
      this.$el.addEventListener("change", () => this.openLines());
      this.openLines();
    },

    restNormal() {
      for (const group of this.$root.querySelectorAll(".asks [role=radiogroup]")) {
        const choices = [...group.querySelectorAll("input[type=radio]")];
        const normal = choices.find((choice) => choice.value === "normal");
        if (normal && !choices.some((choice) => choice.checked)) normal.checked = true;
      }
      this.$root.dispatchEvent(new Event("change", { bubbles: true }));
    },

    openLines() {
      for (const line of this.$root.querySelectorAll("[data-when]")) {
        line.hidden = !line.dataset.when.split(" ").some((pair) => {
          const [name, value] = pair.split("=");
          return [...this.$root.querySelectorAll("input:checked")].some((choice) => choice.name === name && choice.value === value);
        });
      }
    },
  };
}
