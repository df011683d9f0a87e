"""How a Flask application of this project begins: its database, and the question whether it is well."""

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from common.models import db
from common.settings import database_url


def make(import_name, url=None):
    """A Flask application with the database attached and /healthz answering.

    Takes another database's URL for tests.
    """
    app = Flask(import_name)
    app.config["SQLALCHEMY_DATABASE_URI"] = url or database_url()
    # A connection that died in the pool is replaced before a guest meets it.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_pre_ping": True}
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    db.init_app(app)

    @app.get("/healthz")
    def healthz():
        """200 while the database answers, 503 while it does not."""
        try:
            db.session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            app.logger.warning("the database does not answer: %s", type(error).__name__)
            return {"database": "no answer"}, 503
        return {"database": "ok"}

    return app
