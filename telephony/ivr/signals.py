"""How a conversation leaves its course. A flow lets them pass; the walker knows what to say."""


class Departure(Exception):
    """Base of what ends a question without an answer."""


class HungUp(Departure):
    """The caller is gone, or the line is. Nothing more can be said."""

    def __init__(self, cause: str = "") -> None:
        super().__init__(cause)
        self.cause = cause


class Back(Departure):
    """`*` on an empty entry: to where she came from."""


class WantsAgent(Departure):
    """`0` in a menu, `0#` in an entry."""


class NoInput(Departure):
    """Three tries went by without an answer that could be used."""


class Answered(Departure):
    """An agent is on the line: what was being said or asked is over."""


class Ended(Departure):
    """The bank ends the call: what had to be said has been said."""


class Interrupted(Exception):
    """We lost the switch, the database or the lead. Whoever has them next goes on with the call.

    No departure: nobody may say or do anything more on this call here.
    """


class Deposed(Interrupted):
    """A newer leader took over. Nothing that is tried here again can succeed."""
