"""Taps and typed fields, counted in the browser from real pointer and key events; nothing a script does is counted.

hands = Hands(page)          # before the first page of the site
hands.begin()                # on 今日, signed in
hands.tap(page.get_by_role(…)); hands.type("csy")
assert hands.taps <= 3
"""

import re

COUNT = """() => {
  if (location.protocol === 'about:') return;
  const kept = (name, empty) => JSON.parse(sessionStorage.getItem(name)) || empty;
  const keep = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));
  addEventListener('pointerdown', event => event.isTrusted && keep('taps', kept('taps', 0) + 1), true);
  const typed = event => {
    if (!event.isTrusted || !event.target.name || event.target.matches('[type=radio], [type=checkbox]')) return;
    keep('typed', [...new Set([...kept('typed', []), event.target.name])]);
  };
  addEventListener('input', typed, true);
  addEventListener('change', typed, true);
}"""


class Hands:
    """What a person does on one page of a browser: taps and keys."""

    def __init__(self, page):
        self.page, self.letters = page, 0
        self.touch = page.evaluate("() => navigator.maxTouchPoints > 0")
        page.add_init_script(f"({COUNT})()")

    def begin(self) -> None:
        self.page.evaluate("() => sessionStorage.clear()")
        self.letters = 0

    @property
    def taps(self) -> int:
        self.page.wait_for_load_state()
        return self.page.evaluate("() => JSON.parse(sessionStorage.getItem('taps')) || 0")

    @property
    def typed(self) -> list[str]:
        """Names of the fields something was typed into or chosen in."""
        self.page.wait_for_load_state()
        return self.page.evaluate("() => JSON.parse(sessionStorage.getItem('typed')) || []")

    def tap(self, place) -> None:
        """Where a finger or a pointer would: scrolled to, seen, not covered."""
        place.wait_for()
        place.tap() if self.touch else place.click()

    def type(self, text: str) -> None:
        """Into whatever has the focus; letters and figures are counted, Chinese comes from an input method."""
        self.page.wait_for_function("() => document.activeElement?.matches('input, textarea, select')")
        self.letters += len(re.findall(r"[0-9A-Za-z]", text))
        for part in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", text):
            if part.isascii():
                self.page.keyboard.type(part)
            else:
                self.page.keyboard.insert_text(part)

    def tell_of_a_visit(self) -> None:
        """From the open page of a visit to its saving: the child was seen, all is well, a sentence."""
        page = self.page
        self.tap(page.locator("label", has_text=re.compile("^孩子$")))
        self.tap(page.get_by_role("button", name="其余都正常"))
        self.tap(page.get_by_text("一周内"))
        self.tap(page.get_by_label("看到、听到的一句话"))
        self.type("在门口写作业，说想爸爸")
        self.tap(page.get_by_text("不用", exact=True))
        self.tap(page.get_by_role("button", name="保存"))

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
