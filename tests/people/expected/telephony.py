from people.roles import Role
from tests.people.expected import NOBODY, crud

READERS = frozenset(
    {
        Role.SUPERVISOR,
        Role.MENU_OWNER,
        Role.BACK_OFFICE,
        Role.QC,
        Role.COMPLAINT_HANDLER,
        Role.AUDITOR,
    }
)
MENUS = frozenset(
    {
        Role.SUPERVISOR,
        Role.MENU_OWNER,
        Role.QC,
        Role.TRAINER,
        Role.ADMINISTRATOR,
        Role.AUDITOR,
    }
)
CALL_BACK = frozenset({Role.AGENT, Role.SUPERVISOR, Role.BACK_OFFICE})
TESTERS = frozenset({Role.SUPERVISOR, Role.MENU_OWNER, Role.TRAINER, Role.ADMINISTRATOR})

STUDIO = frozenset({Role.SUPERVISOR, Role.MENU_OWNER, Role.AUDITOR})

PAGES = {
    "telephony:phone": TESTERS,
    "telephony:phone_record": TESTERS,
    "switch_directory": NOBODY,  # FreeSWITCH shows its key
    **crud("telephony", "call", look=READERS),
    "admin:telephony_call_recording": frozenset(
        {Role.SUPERVISOR, Role.QC, Role.COMPLAINT_HANDLER, Role.AUDITOR}
    ),
    **crud("telephony", "number", look=MENUS),
    **crud("telephony", "menu", look=MENUS),
    **crud("telephony", "menuversion", look=MENUS),
    **crud("telephony", "announcement", look=MENUS),
    **crud("telephony", "ownprompt", look=STUDIO, add={Role.MENU_OWNER}),
    **crud("telephony", "recording", look=STUDIO, add={Role.MENU_OWNER}),
    "admin:telephony_recording_audio": STUDIO,
    **crud("telephony", "rewording", look=STUDIO),
    **crud("telephony", "reading", look=STUDIO, add={Role.MENU_OWNER}, delete={Role.MENU_OWNER}),
    # Asked of a word that is none, as here, they are refused to everybody.
    "admin:telephony_reading_try_it": frozenset(),
    "admin:telephony_reading_render_again": frozenset(),
    "studio:prompts": STUDIO,
    "studio:do": STUDIO,
    "studio:heard": STUDIO,
    "studio:rendering": STUDIO,
    "studio:progress": STUDIO,
    "studio:tried": STUDIO,
    # Asked of a recording that is none, as here, it is refused to everybody.
    "admin:telephony_recording_take_back": frozenset(),
    "telephony:own_recording": TESTERS,
    **crud("telephony", "offeredlanguage", look=STUDIO),
    "admin:telephony_offeredlanguage_recordings": STUDIO,
    **crud("telephony", "recordingbatch", look=STUDIO, add={Role.MENU_OWNER}),
    # Asked of a zip that is none, as here, it is refused to everybody.
    "admin:telephony_recordingbatch_ask": frozenset(),
    "admin:telephony_recordingbatch_drop": frozenset(),
    **crud("telephony", "callbackrequest", look=CALL_BACK | {Role.COMPLAINT_HANDLER, Role.AUDITOR}),
    "admin:telephony_callbackrequest_called_back": frozenset(),
    **crud("telephony", "emergencymessage", look=CALL_BACK | {Role.AUDITOR}),
    "admin:telephony_emergencymessage_audio": CALL_BACK,
    "admin:telephony_emergencymessage_taken_care_of": frozenset(),
    **crud("telephony", "wrapup", look={Role.SUPERVISOR, Role.QC, Role.AUDITOR}),
    **crud(
        "telephony",
        "wrapupcode",
        look={Role.SUPERVISOR, Role.QC, Role.ADMINISTRATOR, Role.AUDITOR},
        add={Role.SUPERVISOR, Role.ADMINISTRATOR},
    ),
    **crud("telephony", "command", look={Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR}),
}

ACTIONS = {
    "telephony.recording:take_back": frozenset({Role.SUPERVISOR, Role.MENU_OWNER}),
    "telephony.reading:try_it": frozenset({Role.MENU_OWNER}),
    "telephony.reading:render_again": frozenset({Role.MENU_OWNER}),
    "telephony.recordingbatch:ask": frozenset({Role.MENU_OWNER}),
    "telephony.recordingbatch:drop": frozenset({Role.MENU_OWNER}),
    "telephony.callbackrequest:called_back": CALL_BACK,
    "telephony.emergencymessage:taken_care_of": CALL_BACK,
}

SOCKETS = {"phone": TESTERS, "softphone": frozenset({Role.AGENT, Role.SUPERVISOR})}
