from telephony.models.announcements import Announcement
from telephony.models.calls import AgentDeed, Call, CallbackRequest, Leg, Step
from telephony.models.commands import Command
from telephony.models.emergencies import EmergencyMessage
from telephony.models.languages import OfferedLanguage
from telephony.models.menus import (
    Menu,
    MenuEntry,
    MenuNode,
    MenuVersion,
    Number,
    Publication,
)
from telephony.models.recordings import CallRecording
from telephony.models.rendering import Reading, RenderedPiece, Rendering
from telephony.models.studio import OwnPrompt, Recording, Rewording
from telephony.models.studio_batch import BatchFile, RecordingBatch
from telephony.models.trials import SavedCall, TrialToken
from telephony.models.wrapups import WrapUp, WrapUpCode

__all__ = [
    "AgentDeed",
    "Announcement",
    "BatchFile",
    "Call",
    "CallRecording",
    "CallbackRequest",
    "Command",
    "EmergencyMessage",
    "Leg",
    "Menu",
    "MenuEntry",
    "MenuNode",
    "MenuVersion",
    "Number",
    "OfferedLanguage",
    "OwnPrompt",
    "Publication",
    "Reading",
    "Recording",
    "RecordingBatch",
    "RenderedPiece",
    "Rendering",
    "Rewording",
    "SavedCall",
    "Step",
    "TrialToken",
    "WrapUp",
    "WrapUpCode",
]
