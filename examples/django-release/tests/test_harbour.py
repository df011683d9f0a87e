"""Tests of the example itself, on SQLite in memory. ``python -m pytest`` with ``PYTHONPATH=src``."""

import os

import pytest

os.environ["DATABASE_URL"] = "sqlite://"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_release.settings")

import django
from django.core.management import call_command
from django.test import Client

from django_release.database import from_url


@pytest.fixture(scope="module")
def client():
    django.setup()
    call_command("migrate", verbosity=0)
    return Client(headers={"host": "localhost"})


def test_no_migration_is_missing(client):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_boat_comes_and_goes(client):
    assert client.post("/berths/3", {"boat": "Ada"}).status_code == 302
    assert {"number": 3, "boat": "Ada"} in client.get("/api/berths").json()["berths"]
    assert 'value="Ada"' in client.get("/").text
    client.post("/berths/3", {"boat": ""})
    assert {"number": 3, "boat": ""} in client.get("/api/berths").json()["berths"]


def test_there_is_no_seventh_berth(client):
    assert client.post("/berths/7", {"boat": "Ada"}).status_code == 404


def test_health_and_static_files(client):
    assert client.get("/healthz").json() == {"database": "ok"}
    assert client.get("/static/berths/harbour.css").status_code == 200


def test_database_urls():
    postgres = from_url("postgresql://u:p%40ss@db:5433/harbour")
    assert (postgres["USER"], postgres["PASSWORD"], postgres["PORT"]) == ("u", "p@ss", "5433")
    assert from_url("sqlite:////tmp/x")["NAME"] == "/tmp/x"
    with pytest.raises(ValueError, match="mysql"):
        from_url("mysql://h/d")
