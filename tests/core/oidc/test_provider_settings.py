"""``[oidc.<name>]`` and ``[outgoing]``: every mistake is told, secrets come by reference, production is strict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from egovframe.cli import cli
from egovframe.config import load_settings
from egovframe.core.persistence import Database
from egovframe.errors import SettingsError
from egovframe.outgoing import Outgoing, OutgoingPolicy

from .provider import TestProvider

SECRET = "kJ3d8sKq02LmZx7Vb5Nq91PwRt6YuIo4"
GOOD = """
[oidc.national-id]
title = { en = "National ID", ko = "모바일 신분증" }
issuer = "https://login.example/realms/city"
client_id = "city"
client_secret = { "$env" = "OIDC_SECRET" }
scopes = ["openid", "email"]
assurance_claim = "loa"
assurance_values = ["high"]
[oidc.national-id.claims]
name = "full_name"
[outgoing]
allowed_hosts = ["Login.City.Example"]
allowed_networks = ["10.20.0.0/24", "fd00::/64"]
"""

LEAST = '[oidc.x]\ntitle = {en = "x"}\nissuer = "https://a.example"\nclient_id = "x"\n'


def city(folder: Path, text: str) -> Path:
    (folder / "egovframe.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_provider_in_a_few_lines(tmp_path: Path) -> None:
    settings = load_settings(city(tmp_path, GOOD), environ={"OIDC_SECRET": "by-reference"})
    provider = settings.oidc["national-id"]
    assert provider.client_secret == "by-reference"
    assert (provider.link, provider.open_accounts, provider.claims.name) == ("never", True, "full_name")
    assert provider.scopes == ("openid", "email")
    assert (provider.title_in("ko"), provider.title_in("ar"), provider.title_in("ar", "ko")) == (
        "모바일 신분증",
        "National ID",
        "모바일 신분증",
    )
    policy = OutgoingPolicy.of(settings.outgoing)
    assert policy.allowed_hosts == {"login.city.example"}
    assert [str(network) for network in policy.allowed_networks] == ["10.20.0.0/24", "fd00::/64"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[oidc."National ID"]\ntitle = {en = "x"}\nissuer = "https://a.example"\nclient_id = "x"', "oidc.National ID"),
        ('[oidc.x]\nissuer = "https://a.example"\nclient_id = "x"', "title"),
        ('[oidc.x]\ntitle = {en = "x"}\nissuer = "ftp://a.example"\nclient_id = "x"', "issuer"),
        ('[oidc.x]\ntitle = {en = "x"}\nissuer = "https://a.example?x=1"\nclient_id = "x"', "issuer"),
        (LEAST + 'algorithms = ["HS256"]', "algorithms"),
        (LEAST + 'algorithms = ["none"]', "algorithms"),
        (LEAST + "algorithms = []", "algorithms"),
        (LEAST + 'link = "always"', "link"),
        (LEAST + 'assurance_claim = "loa"', "assurance"),
        (LEAST + 'client_authentication = "client_secret_post"', "client_secret"),
        (LEAST + 'secret = "x"', "secret"),
        ('[outgoing]\nallowed_networks = ["10.0.0.1/8"]', "allowed_networks"),
        ('[outgoing]\nallowed_networks = ["inside"]', "allowed_networks"),
        ("[outgoing]\nseconds = 0", "seconds"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(city(tmp_path, text), environ={})


def test_production_refuses_plain_http(tmp_path: Path) -> None:
    text = (
        f'environment = "production"\nsecret_key = "{SECRET}"\npublic_url = "https://city.example"\n'
        '[mail]\nadapter = "smtp"\n[outgoing]\nallow_http = true\n'
        '[oidc.x]\ntitle = {en = "x"}\nissuer = "http://127.0.0.1:9400"\nclient_id = "x"\n'
    )
    with pytest.raises(SettingsError) as caught:
        load_settings(city(tmp_path, text), environ={})
    assert "outgoing.allow_http" in str(caught.value)
    assert "oidc.x.issuer" in str(caught.value)
    assert len(caught.value.problems) == 2


def test_services_and_jobs_find_the_client_on_the_database(database: Database) -> None:
    assert database.service(Outgoing).client.policy.allow_http


def test_the_doctor_asks_the_providers(tmp_path: Path, provider: TestProvider) -> None:
    text = (
        f'environment = "test"\nsecret_key = "{SECRET}"\n[outgoing]\nallow_http = true\n'
        'allowed_networks = ["127.0.0.0/8"]\n'
        f'[oidc.good]\ntitle = {{en = "x"}}\nissuer = "{provider.issuer}"\nclient_id = "x"\n'
        '[oidc.dead]\ntitle = {en = "x"}\nissuer = "http://127.0.0.1:1"\nclient_id = "x"\n'
        '[oidc.inside]\ntitle = {en = "x"}\nissuer = "https://169.254.169.254"\nclient_id = "x"\n'
    )
    folder = city(tmp_path, text)
    result = CliRunner().invoke(cli, ["doctor", "--json"], env={"EGOVFRAME_CONFIG": str(folder)})
    found: list[dict[str, Any]] = [one for one in json.loads(result.stdout) if one["about"] == "sign-in"]
    assert [one["state"] for one in found] == ["fine", "wrong", "wrong"]
    assert "http://localhost:8000/oidc/good/return" in found[0]["text"]
    assert "OutgoingUnreachable" in found[1]["text"]
    assert "OutgoingRefused" in found[2]["text"]
