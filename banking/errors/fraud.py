"""The fraud guard, its rules and its cases."""

from django.utils.translation import gettext_lazy as _

from banking.errors.base import BankingError, OrderRefused


class HeldRefused(OrderRefused):
    """Two people looked at an order that the fraud guard held, and said no."""

    prompt = "refused.held"
    text = _("After a check the order was not carried out. Nothing was debited.")


class FraudSuspected(BankingError):
    """The fraud guard refuses the order before it is read back."""

    prompt = "refused.fraud"
    text = _("To protect the customer's money this order is refused. Nothing was debited.")


class PersonNeeded(BankingError):
    """What a person must look into before it goes on: the caller is led to one."""

    prompt = "fraud.agent"
    text = _("To protect the customer's money a person must check this. Nothing was debited.")


class RuleDrafted(BankingError):
    text = _("There is a draft of this rule already: change that one.")


class RuleChanged(BankingError):
    text = _("The draft is not what was asked for any more. Nothing was changed.")


class NoDryRun(BankingError):
    text = _("There is no dry run of this draft, or it is older than a day. Ask again.")


class RuleOver(BankingError):
    text = _("The rule is not in force. Nothing was changed.")


class WatchInvalid(BankingError):
    text = _("This is no such number. Nothing was added.")


class WatchedAlready(BankingError):
    text = _("This number is on the watch list already.")


class WatchOver(BankingError):
    text = _("This number was taken off the watch list already.")


class CaseTaken(BankingError):
    text = _("Who has taken the case closes it; it is taken once. Nothing was changed.")


class CaseClosed(BankingError):
    text = _("The case is closed. Nothing was changed.")


class NoFinding(BankingError):
    text = _("Say what was found. Nothing was changed.")


class ThresholdInvalid(BankingError):
    """`name`: which of a fraud rule's values can't be."""

    kinds = {"name": str}
    text = _("A rule can't have this value: %(name)s.")
