"""Runs one scenario with the official client: run.py MODULE FUNCTION SETTINGS

SETTINGS is a JSON object: url, folder, and optionally user, password, token. A scenario fails by an
exception; what it returns is printed as JSON.
"""
import importlib
import json
import sys

import linkahead as db


def connect(settings, **changes):
    """Connect as `settings` say, with changes."""
    given = {**settings, **changes}
    if given.get("token"):
        login = {"auth_token": given["token"], "password_method": "auth_token"}
    else:
        login = {"username": given.get("user", "admin"),
                 "password": given.get("password", "caosdb"), "password_method": "plain"}
    return db.configure_connection(url=given["url"], timeout=20, **login)


if __name__ == "__main__":
    module, function, text = sys.argv[1:4]
    settings = json.loads(text)
    settings["connect"] = lambda **changes: connect(settings, **changes)
    connect(settings)
    result = getattr(importlib.import_module(module), function)(settings)
    print(json.dumps(result))
