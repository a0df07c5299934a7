"""What PostgreSQL refuses of the floor's history, whoever asks: reports are sums over it."""

import pgtrigger

from routing.states import PATH, State

_STEPS = ", ".join(
    f"'{before.value}>{after}'"
    for before, follow in PATH.items()
    for after in sorted(state.value for state in follow)
)
_BEFORE = """
        SELECT p.state, p.ended_at INTO before, until FROM public.routing_presence p
            WHERE p.agent_id = NEW.agent_id ORDER BY p.started_at DESC, p.id DESC LIMIT 1;
"""


def kept(*constant: str) -> list[pgtrigger.Trigger]:
    """What is over stays as it was, `constant` fields from the start; nothing is deleted."""
    return [
        pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        pgtrigger.Protect(
            name="over_is_over",
            operation=pgtrigger.Update,
            condition=pgtrigger.Q(old__ended_at__isnull=False),
        ),
        pgtrigger.ReadOnly(name="as_written", fields=list(constant)),
    ]


class PresencePath(pgtrigger.Trigger):
    """A state follows the one before it as `PATH` allows and at the same moment: no gap, no jump.

    `presence.move` is not its only writer: a round writes many at once.
    """

    name = "path"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("before", "TEXT"), ("until", "TIMESTAMPTZ")]
    func = f"""{_BEFORE}
        IF NOT FOUND THEN
            before := '{State.OFFLINE.value}';
            until := NEW.started_at;
        END IF;
        IF until IS DISTINCT FROM NEW.started_at THEN
            RAISE EXCEPTION 'agent %: a state begins when the one before it ends', NEW.agent_id
                USING ERRCODE = 'check_violation';
        END IF;
        IF before || '>' || NEW.state <> ALL (ARRAY[{_STEPS}]) THEN
            RAISE EXCEPTION 'agent %: % can not follow %', NEW.agent_id, NEW.state, before
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """
