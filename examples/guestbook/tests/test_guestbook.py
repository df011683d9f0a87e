"""Tests of the example itself; they need no database and no broker. ``python -m pytest`` from the project's folder."""

import pytest

from admin.web import create_app as create_admin
from common import settings
from common.models import Entry, db
from guestbook import web
from jobs.words import count


@pytest.fixture
def app(monkeypatch):
    asked = []
    monkeypatch.setattr(web.queue, "send_task", lambda name, args: asked.append((name, args)))
    app = web.create_app("sqlite://")
    app.asked = asked
    with app.app_context():
        db.create_all()
        yield app


def test_a_guest_signs_and_the_worker_is_asked(app):
    answer = app.test_client().post("/", data={"name": "Ada", "message": "fair <winds>"})
    assert answer.status_code == 303
    assert app.asked == [("jobs.count_words", [1])]
    assert "fair &lt;winds&gt;" in app.test_client().get("/").text
    entry = app.test_client().get("/api/entries").json["entries"][0]
    assert (entry["name"], entry["words"]) == ("Ada", None)


def test_an_empty_message_is_refused(app):
    answer = app.test_client().post("/", data={"message": "  "})
    assert answer.status_code == 400
    assert "Write a few words" in answer.text
    assert app.asked == []


def test_an_entry_stays_when_the_broker_is_away(app, monkeypatch):
    def away(name, args):
        raise OSError("connection refused")

    monkeypatch.setattr(web.queue, "send_task", away)
    assert app.test_client().post("/", data={"message": "hello"}).status_code == 303
    assert db.session.scalar(db.select(db.func.count(Entry.id))) == 1


def test_health_is_the_databases():
    assert web.create_app("sqlite://").test_client().get("/healthz").status_code == 200
    nowhere = web.create_app("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert nowhere.test_client().get("/healthz").status_code == 503


def test_the_keeper_needs_the_password():
    shut = create_admin("sqlite://").test_client()
    assert shut.get("/").status_code == 503
    guarded = create_admin("sqlite://", "secret").test_client()
    assert guarded.get("/").status_code == 401
    assert guarded.get("/", auth=("any", "wrong")).status_code == 401


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one", 1), ("don't stop", 2), ("ill-fated, but ours", 3), ("Grüße aus Kiel", 3)],
)
def test_words(text, words):
    assert count(text) == words


@pytest.mark.parametrize("given", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_the_driver_is_named(given):
    assert settings.database_url({"DATABASE_URL": given}) == "postgresql+psycopg://u:p@h/d"
