"""Codes: hierarchical, dated, translated, ordered lists of terms; a code in use is retired, never deleted."""

from egovframe.core.modules.codes.models import Code, CodeTable
from egovframe.core.modules.codes.permissions import MANAGE_CODES
from egovframe.core.modules.codes.queries import code_of, code_table, code_tables, codes
from egovframe.core.modules.codes.services import put_code, put_code_table, remove_code, retire_code
from egovframe.core.modules.codes.transfer import CodeImport, RefusedLine, export_csv, import_csv
from egovframe.core.modules.codes.uses import register_use

__all__ = [
    "MANAGE_CODES",
    "Code",
    "CodeImport",
    "CodeTable",
    "RefusedLine",
    "code_of",
    "code_table",
    "code_tables",
    "codes",
    "export_csv",
    "import_csv",
    "put_code",
    "put_code_table",
    "register_use",
    "remove_code",
    "retire_code",
]
