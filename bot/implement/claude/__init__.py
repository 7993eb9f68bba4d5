"""The implementer that asks a model. It reads from top to bottom: `engineer`, `conversation`, `tools/`, `client`.

What it was told, answered and did is in the transcript, and nothing else is needed to go on: see docs/engineer.md.
"""
