from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

import config

db = SQLAlchemy()
migrate = Migrate()


class Customer(db.Model):
    __tablename__ = "customers"

    id = db.Column(db.Integer, db.Identity(), primary_key=True)
    email = db.Column(db.Text, nullable=False, index=True)
    points = db.Column(db.Integer, server_default="0", nullable=False)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    migrate.init_app(app, db)
    return app
