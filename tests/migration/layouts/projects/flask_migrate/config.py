import os

SQLALCHEMY_DATABASE_URI = os.environ["SHOP_DB_URI"]
