"""Who hears what was said, who calls back, who owns menus and numbers, who tries them."""

from people.roles import Permissions, Role, may

_CALLS = may("telephony", "call", "leg", "step", do="view")
_COMMANDS = may("telephony", "command", do="view")
_MENUS = may(
    "telephony",
    *("number", "menu", "menuversion", "menunode", "menuentry"),
    *("publication", "savedcall", "announcement"),
    do="view",
)
_STUDIO = may(
    "telephony",
    *("ownprompt", "recording", "recordingbatch", "rewording", "reading", "offeredlanguage"),
    do="view",
)
_DECIDE = may("telephony", "recording", "rewording", do="change")
_MAKE_PROMPTS = (
    _STUDIO
    | _DECIDE
    | may("telephony", "ownprompt", "reading", do="add change")
    | may("telephony", "recording", "recordingbatch", "rewording", do="add")
    | may("telephony", "reading", do="delete")
)
_ANNOUNCE = may("telephony", "announcement", do="add change")
_SEE_CALLBACKS = may("telephony", "callbackrequest", do="view")
_CALL_BACK = _SEE_CALLBACKS | may("telephony", "callbackrequest", do="change")
_SEE_MESSAGES = may("telephony", "emergencymessage", do="view")
_HEAR_MESSAGES = _SEE_MESSAGES | may("telephony", "emergencymessage", do="change")
_HEAR = may("telephony", "callrecording", do="view")
_TRY = {"telephony.use_test_phone"}
_WRAPUPS = may("telephony", "wrapup", "wrapupcode", do="view")
_CODES = may("telephony", "wrapupcode", do="view add change")

ROLES: dict[Role, Permissions] = {
    Role.AGENT: _CALL_BACK | _HEAR_MESSAGES,
    Role.SUPERVISOR: _CALLS
    | _COMMANDS
    | _MENUS
    | _CALL_BACK
    | _HEAR_MESSAGES
    | _ANNOUNCE
    | _STUDIO
    | _DECIDE
    | _TRY
    | _HEAR
    | _WRAPUPS
    | _CODES,
    Role.MENU_OWNER: _CALLS
    | _MENUS
    | _TRY
    | _ANNOUNCE
    | _MAKE_PROMPTS
    | may("telephony", "number", "menu", "menuversion", do="change"),
    Role.BACK_OFFICE: _CALLS | _CALL_BACK | _HEAR_MESSAGES,
    Role.QC: _CALLS | _HEAR | _MENUS | _WRAPUPS,
    Role.TRAINER: _MENUS | _TRY,
    Role.COMPLAINT_HANDLER: _CALLS | _HEAR | _SEE_CALLBACKS,
    # Configures and tries, sees no customer: the test phone serves test customers alone.
    Role.ADMINISTRATOR: _MENUS
    | _COMMANDS
    | _TRY
    | _CODES
    | may("telephony", "number", do="change"),
}
