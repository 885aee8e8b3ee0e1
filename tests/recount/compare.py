"""Two ways to one number: the product's measures beside the recount. Answers with the differences as sentences."""

from tests.recount.dump import dump
from tests.recount.recount import Recount
from tongxing.base import clock
from tongxing.base.measures import Measure, Scope, State


def recount() -> Recount:
    return Recount(dump(), clock.now())


def differences(found: Recount, measure: Measure, scope: Scope, on) -> list[str]:
    """Where `Measure.figure`, `Measure.rows` and the recount do not say the same."""
    expected = found.count(measure.code, on, region=scope.region, viewer=scope.staff.pk if scope.staff else None)
    viewer = f", for {scope.staff.login}" if scope.staff else ""
    where = f"{measure.code} on {on} in {scope.region or 'all'}{viewer}"
    said = []

    def same(what, product, counted):
        if product != counted:
            said.append(f"{where}: {what}: the product says {product}, the recount {counted}")

    figure = measure.figure(scope, on)
    same("n", figure.n, expected.n)
    same("N", figure.N, expected.N)
    for state in (State.GAP, State.UNKNOWN, State.NA):
        same(state.value, getattr(figure, state.value), expected.count(state.value))

    duties = measure.rows(scope, on, states=State.values)
    for state in State.values:
        same(f"who is {state}", sorted(d.subject_id for d in duties if d.state == state), expected.subjects(state))
    product = {duty.subject_id: duty for duty in duties}
    for line in expected.lines:
        if line.is_open and (duty := product.get(line.subject)):
            same(f"{line.subject}: reason", duty.why, line.why)
            same(f"{line.subject}: owner", duty.owner_id, line.owner)
            same(f"{line.subject}: due", duty.due_on, line.due)
    return said
