from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://localhost/blog"
db = SQLAlchemy(app)
Migrate(app, db, transaction_per_migration=True)
