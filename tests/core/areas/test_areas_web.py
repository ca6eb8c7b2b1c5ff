"""Areas on the web: locate, lists, borders for maps."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_a_point_is_located_in_the_readers_language(city: Flask, client: FlaskClient) -> None:
    answer = client.get("/api/v1/areas/locate?lat=0.5&lon=0.5&lang=ko")
    assert (answer.status_code, answer.json) == (200, {"areas": [{"layer": "district", "code": "W", "name": "서구"}]})
    assert client.get("/api/v1/areas/locate?lat=50&lon=0.5").json == {"areas": []}


def test_the_areas_of_a_layer_are_listed(city: Flask, client: FlaskClient) -> None:
    answer = client.get("/api/v1/areas?layer=district&lang=en").json
    assert answer is not None
    assert [(area["code"], area["name"]) for area in answer["areas"]] == [("E", "East & co"), ("W", "West")]
    assert client.get("/api/v1/areas?layer=none").json == {"areas": []}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lat=1",
        "lat=91&lon=0",
        "lat=0&lon=181",
        "lat=nan&lon=0",
        "lat=1e400&lon=0",
        "lat=%00&lon=0",
        "lat=1&lon=0&x=1",
    ],
)
def test_what_is_no_point_is_a_problem(city: Flask, client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/areas/locate?{query}")
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


def test_maps_get_borders_with_an_etag(city: Flask, client: FlaskClient) -> None:
    answer = client.get("/ko/areas/district.geojson")
    assert (answer.status_code, answer.content_type) == (200, "application/geo+json")
    document = json.loads(answer.data)
    assert [one["properties"]["name"] for one in document["features"]] == ["동구", "서구"]
    again = client.get("/ko/areas/district.geojson", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/en/areas/district.geojson").headers["ETag"] != answer.headers["ETag"]
    assert client.get("/en/areas/none.geojson").status_code == 404
    assert client.get("/en/areas/district.geojson?tolerance=x").status_code == 422
