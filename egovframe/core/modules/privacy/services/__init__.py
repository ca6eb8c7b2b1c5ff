"""The verbs and reads of privacy: erase, download, correct, hold, let go, publish notices, remember consents."""

from egovframe.core.modules.privacy.clocks import clocks_in_words
from egovframe.core.modules.privacy.office import (
    BACKUP_DAYS,
    PrivacyOffice,
    backups_end,
    configure_privacy,
    declare_privacy_settings,
)
from egovframe.core.modules.privacy.plan import HOLD, LAW, RUNNING, Part, Stay
from egovframe.core.modules.privacy.rules import Rule, rules_in_force, sync_rules
from egovframe.core.modules.privacy.services.correcting import Correctable, correct, correctable, correctable_row
from egovframe.core.modules.privacy.services.downloading import download, note_download
from egovframe.core.modules.privacy.services.erasing import Outlook, erase, outlook, resume_erasures
from egovframe.core.modules.privacy.services.holding import holds, place_hold, release_hold
from egovframe.core.modules.privacy.services.ledger import note_erasures, read_ledger
from egovframe.core.modules.privacy.services.noticing import (
    consent_to_newest,
    consents_of,
    forget_board,
    give_consent,
    newest_asking,
    newest_versions,
    publish_notice,
    required_notices,
    unanswered,
    versions_of,
    withdraw_consent,
)
from egovframe.core.modules.privacy.services.outcome import Outcome, outcome_named, outcome_of
from egovframe.core.modules.privacy.services.people import subject_named, subject_of
from egovframe.core.modules.privacy.services.replaying import Replayed, replay_erasures
from egovframe.core.modules.privacy.services.retention import retention_preview, retention_report, run_retention
from egovframe.core.modules.privacy.services.ruling import change_rule

__all__ = [
    "BACKUP_DAYS",
    "HOLD",
    "LAW",
    "RUNNING",
    "Correctable",
    "Outcome",
    "Outlook",
    "Part",
    "PrivacyOffice",
    "Replayed",
    "Rule",
    "Stay",
    "backups_end",
    "change_rule",
    "clocks_in_words",
    "configure_privacy",
    "consent_to_newest",
    "consents_of",
    "correct",
    "correctable",
    "correctable_row",
    "declare_privacy_settings",
    "download",
    "erase",
    "forget_board",
    "give_consent",
    "holds",
    "newest_asking",
    "newest_versions",
    "note_download",
    "note_erasures",
    "outcome_named",
    "outcome_of",
    "outlook",
    "place_hold",
    "publish_notice",
    "read_ledger",
    "release_hold",
    "replay_erasures",
    "required_notices",
    "resume_erasures",
    "retention_preview",
    "retention_report",
    "rules_in_force",
    "run_retention",
    "subject_named",
    "subject_of",
    "sync_rules",
    "unanswered",
    "versions_of",
    "withdraw_consent",
]
