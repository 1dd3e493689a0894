"""What scenarios expect."""
import json
import urllib.request

import linkahead as db


def equal(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def raises(kind, call, text=None):
    """The exception of that kind that `call` raises."""
    try:
        call()
    except kind as error:
        if text is not None:
            assert text in str(error), f"{text!r} is not in {error}"
        return error
    raise AssertionError(f"{kind} was not raised")


def refused(kind, call, code):
    """`call` raises a TransactionError that holds an error of that kind with that code."""
    error = raises(db.exceptions.TransactionError, call)
    found = [one for one in error.all_errors if type(one) is kind]
    assert found, f"{kind.__name__} is not among {error.all_errors}"
    codes = [one.error.code for one in found if one.error is not None]
    assert code in codes, f"{code} is not among {codes}"
    return error


def fault(settings, kind, **rule):
    """Arms a failure on purpose: conditions with an underscore belong to the failure itself."""
    own = {key[1:]: value for key, value in rule.items() if key.startswith("_")}
    outer = {key: value for key, value in rule.items() if not key.startswith("_")}
    body = json.dumps({"fault": {"kind": kind, **own}, **outer}).encode()
    request = urllib.request.Request(settings["url"] + "/_emulator/faults", body, method="POST")
    urllib.request.urlopen(request).read()
