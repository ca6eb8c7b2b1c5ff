"""Privacy: personal data is declared on its column; what the city owes for it is read from that declaration.

The declarations are loaded at once, since models use them. The verbs (download, erase, hold, publish …) are loaded when
first asked for: they write the audit, and the audit stands on the declarations.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from egovframe.core.modules.privacy.declaration import Personal, personal, personal_columns, personal_of
from egovframe.core.modules.privacy.gate import PersonalDataRefused
from egovframe.core.modules.privacy.looking import (
    Looking,
    by_order_of,
    by_the_person,
    by_the_system,
    is_held_back,
    purpose_stated,
    state_purpose,
)
from egovframe.core.modules.privacy.masking import MASK, asked, is_masked, masked
from egovframe.core.modules.privacy.models import Look, LookSubject
from egovframe.core.modules.privacy.permissions import MANAGE_HOLDS, MANAGE_NOTICES, MANAGE_RETENTION, READ_RETENTION
from egovframe.core.modules.privacy.purposes import ACCOUNTS, CASE, OPERATION, REVEAL, declare_purpose, purpose_title
from egovframe.core.modules.privacy.queries import SeenLook, is_untouched, looks, looks_at, seen_look
from egovframe.core.modules.privacy.recording import name_offices, write_down
from egovframe.core.modules.privacy.subjects import ACCOUNT, Subject, Unresolvable, facets, matches, subjects

if TYPE_CHECKING:
    from egovframe.core.modules.privacy.services import (
        BACKUP_DAYS,
        HOLD,
        LAW,
        RUNNING,
        Correctable,
        Outlook,
        Part,
        PrivacyOffice,
        Replayed,
        Rule,
        Stay,
        backups_end,
        change_rule,
        clocks_in_words,
        configure_privacy,
        consent_to_newest,
        consents_of,
        correct,
        correctable,
        correctable_row,
        download,
        erase,
        forget_board,
        give_consent,
        holds,
        newest_asking,
        newest_versions,
        note_download,
        note_erasures,
        outlook,
        place_hold,
        publish_notice,
        read_ledger,
        release_hold,
        replay_erasures,
        required_notices,
        resume_erasures,
        retention_report,
        rules_in_force,
        run_retention,
        subject_named,
        subject_of,
        sync_rules,
        unanswered,
        versions_of,
        withdraw_consent,
    )

__all__ = [
    "ACCOUNT",
    "ACCOUNTS",
    "BACKUP_DAYS",
    "CASE",
    "HOLD",
    "LAW",
    "MANAGE_HOLDS",
    "MANAGE_NOTICES",
    "MANAGE_RETENTION",
    "MASK",
    "OPERATION",
    "READ_RETENTION",
    "REVEAL",
    "RUNNING",
    "Correctable",
    "Look",
    "LookSubject",
    "Looking",
    "Outlook",
    "Part",
    "Personal",
    "PersonalDataRefused",
    "PrivacyOffice",
    "Replayed",
    "Rule",
    "SeenLook",
    "Stay",
    "Subject",
    "Unresolvable",
    "asked",
    "backups_end",
    "by_order_of",
    "by_the_person",
    "by_the_system",
    "change_rule",
    "clocks_in_words",
    "configure_privacy",
    "consent_to_newest",
    "consents_of",
    "correct",
    "correctable",
    "correctable_row",
    "declare_purpose",
    "download",
    "erase",
    "facets",
    "forget_board",
    "give_consent",
    "holds",
    "is_held_back",
    "is_masked",
    "is_untouched",
    "looks",
    "looks_at",
    "masked",
    "matches",
    "name_offices",
    "newest_asking",
    "newest_versions",
    "note_download",
    "note_erasures",
    "outlook",
    "personal",
    "personal_columns",
    "personal_of",
    "place_hold",
    "publish_notice",
    "purpose_stated",
    "purpose_title",
    "read_ledger",
    "release_hold",
    "replay_erasures",
    "required_notices",
    "resume_erasures",
    "retention_report",
    "rules_in_force",
    "run_retention",
    "seen_look",
    "state_purpose",
    "subject_named",
    "subject_of",
    "subjects",
    "sync_rules",
    "unanswered",
    "versions_of",
    "withdraw_consent",
    "write_down",
]


def __getattr__(name: str) -> Any:
    """Load the verbs when one is asked for."""
    if name in __all__:
        return getattr(import_module(f"{__name__}.services"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
