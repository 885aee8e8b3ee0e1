"""Old links to an archive that became part of another lead to that one."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tongxing.children.models import Child
from tongxing.children.queries import remaining_of

SENT_ON = ("care:visit",)  # what only adds a record; a change of the archive is looked at again before it is made


class MergedLinksMiddleware:
    """Asks only where an address of a child was not found."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """The same page of the archive that remains, where this person may see it."""
        match = request.resolver_match
        if not (isinstance(exception, Http404) and match and "child_id" in match.kwargs):
            return None
        led = {name: remaining_of(match.kwargs[name]) for name in ("child_id", "other_id") if name in match.kwargs}
        led = {name: child for name, child in led.items() if child}
        ids = {child.pk for child in led.values()}
        if not led or Child.objects.visible_to(request.user).filter(pk__in=ids).count() < len(ids):
            return None
        child = next(iter(led.values()))
        address = reverse(match.view_name, kwargs=match.kwargs | {name: one.pk for name, one in led.items()})
        if query := request.META.get("QUERY_STRING"):
            address = f"{address}?{query}"
        if request.method == "POST" and match.view_name in SENT_ON:
            return HttpResponseRedirect(address, preserve_request=True)
        words = _("那份档案已经和 %(name)s 的合并成一份了，现在打开的是这一份") % {"name": child.name}
        messages.info(request, words)
        return HttpResponseRedirect(address)
