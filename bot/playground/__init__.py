"""A GitHub on localhost, for the demo and the tests: the part of GitHub that the bot uses, and pages for people.

It answers with GitHub's routes, status codes, shapes and errors, speaks git over HTTP and delivers signed webhooks.
Nothing of the product imports it. `python -m bot.playground --help` starts it; `create_app` is in `server.py`.
"""
