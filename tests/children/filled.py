"""A form as a browser sends it: opened first, so that its hidden fields (key, version) go along."""

import re

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def hidden_in(text: str) -> dict[str, str]:
    return {name: value for name, value in HIDDEN.findall(text) if name != "csrfmiddlewaretoken"}


def fill(client, address: str, /, **facts) -> dict:
    """The fields of the page at this address, filled."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return hidden_in(answer.content.decode()) | facts


def send(client, address: str, /, **facts):
    return client.post(address, fill(client, address, **facts))
