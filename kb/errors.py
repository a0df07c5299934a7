"""What the knowledge base refuses."""

from django.utils.translation import gettext_lazy as _

from people.errors import Refusal


class KbRefused(Refusal):
    """Base: the article is as it was."""


class NotNow(KbRefused):
    text = _("It is past this step, or has not come to it. Nothing was changed.")


class OwnArticle(KbRefused):
    text = _("Somebody else must review what you wrote. Nothing was changed.")


class NothingWritten(KbRefused):
    text = _("Question, spoken answer, full answer and source are needed. Nothing was changed.")


class KeyTaken(KbRefused):
    text = _("The key %(key)s is taken already. Nothing was changed.")


class DraftOpen(KbRefused):
    text = _("There is a draft of it already. Go on with that one.")


class AlreadyScheduled(KbRefused):
    text = _("Another version of this article is due already. Withdraw that one first.")


class EndsTooEarly(KbRefused):
    text = _("It would expire before it is published. Nothing was changed.")


class UnknownFigure(KbRefused):
    text = _("The bank's tables hold no such figure: %(figures)s. Nothing was changed.")


class NotOwner(KbRefused):
    text = _("Only its owner can say that an article still holds. Nothing was changed.")
    status = 403


class NoEditor(KbRefused):
    text = _("Who stands by an article must be able to write it. Nothing was changed.")


class ReadFirst(KbRefused):
    text = _("Read first what has changed and is urgent (U): %(questions)s")


class NotAnswered(KbRefused):
    text = _("This article is answered no more. Search again.")


class NothingToAnswer(KbRefused):
    text = _("There is no correction in it that could be answered. Nothing was changed.")


class AnsweredAlready(KbRefused):
    text = _("The correction was answered already. Nothing was changed.")


class NothingAsked(KbRefused):
    text = _("Type first what she asks. Nothing was filed.")


class GapDecided(KbRefused):
    text = _("Somebody has decided on this gap already. Nothing was changed.")


class TooManyAttachments(KbRefused):
    text = _("An article carries %(most)s files at most, %(size)s together. Nothing was attached.")


class NameAttached(KbRefused):
    text = _("A file called %(name)s is attached already. Remove that one, or rename this one.")


class OutsideItsTime(KbRefused):
    text = _("It was not in force for all of this time. Nothing was asked.")


class NoTiers(KbRefused):
    text = _("Say what the fee should have been. Nothing was asked.")


class NothingBefore(KbRefused):
    text = _("There is no earlier version that was answered. Nothing was changed.")


class TakenByAnother(KbRefused):
    text = _("Somebody else calls her back, or it is done. Nothing was changed.")


class OutcomeUnfit(KbRefused):
    text = _("This outcome does not fit what is at stake. Nothing was changed.")


class NotWhole(KbRefused):
    text = _("Left empty: %(parts)s. Nothing was changed.")


class NotInForceYet(KbRefused):
    text = _(
        "It has not come into force: the one before would end with nothing in its place. "
        "Issue another version instead. Nothing was changed."
    )


class NotAsked(KbRefused):
    text = _("This version is not asked of you, or is no more in force. Nothing was kept.")


class Faulty(KbRefused):
    text = _("It can't be published yet: %(faults)s")


class NotWalked(KbRefused):
    text = _("This procedure is offered no more. Search again.")


class NotSaid(KbRefused):
    text = _("This script is said no more. Search again.")


class NotHerWalk(KbRefused):
    text = _("That is no procedure that you walk in this call. Nothing was kept.")


class NoSuchAnswer(KbRefused):
    text = _("The step has no such answer. Nothing was kept.")


class CorrectsByItself(KbRefused):
    text = _("It corrects what was wrong: approve it on its own page. Nothing was changed.")


class FileDecided(KbRefused):
    text = _("The good rows of this file were taken already, or it was left. Nothing was changed.")


class ChangedMeanwhile(KbRefused):
    text = _("Somebody made one of these articles just now. Nothing was taken; try again.")
