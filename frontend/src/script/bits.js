// Small things of one element each.

/** The search box: "/" goes to it from anywhere but a field. */
export function finder() {
  return {
    slash(event) {
      const busy = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || busy || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!this.$refs.box.offsetParent) return; // not on this screen
      event.preventDefault();
      this.$refs.box.focus();
      this.$refs.box.select();
    },
  };
}

/** A button that copies: data-copy holds the text, data-done what the button says then. */
export function copy() {
  return {
    async copy() {
      const button = this.$el;
      const words = button.dataset.copy;
      try {
        await navigator.clipboard.writeText(words);
      } catch (refused) {
        const area = document.createElement("textarea");
        area.value = words;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
        button.focus();
      }
      if (button.dataset.done) button.textContent = button.dataset.done;
    },
  };
}

export function toast() {
  return {
    close() {
      this.$root.remove();
    },
  };
}
