"""Importing the package starts all there is, as many applications do."""

import logging
import threading
import time

from shop.database import engine
from shop.models import Base

logging.basicConfig(level=logging.INFO)
print("the shop starts")
worker = threading.Thread(target=time.sleep, args=(600,))  # no daemon: a process would wait for it
worker.start()

__all__ = ["Base", "engine", "worker"]
