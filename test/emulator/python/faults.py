"""How the official client sees each failure on purpose."""
import requests
from lxml import etree

import linkahead as db

from check import equal, fault, raises, refused
from laboratory import model

EXC = db.exceptions


def new(name):
    return db.RecordType(name=name)


def cut_connections(settings):
    fault(settings, "cut-before", method="POST", path="^/Entity")
    raises(EXC.LinkAheadConnectionError, new("never").insert)
    equal(db.execute_query("COUNT RECORDTYPE"), 0)
    fault(settings, "unanswered", method="POST", path="^/Entity")
    raises(EXC.LinkAheadConnectionError, new("done").insert)
    equal(db.execute_query("COUNT RECORDTYPE"), 1)
    fault(settings, "cut-inside", method="GET", path="^/Entity")
    raises(requests.exceptions.ChunkedEncodingError, lambda: db.execute_query("FIND RECORDTYPE"))
    fault(settings, "cut-after", method="GET", path="^/Entity")
    equal(len(db.execute_query("FIND RECORDTYPE")), 1)
    raises(EXC.LinkAheadConnectionError, lambda: db.execute_query("FIND RECORDTYPE"))
    equal(len(db.execute_query("FIND RECORDTYPE")), 1)


def statuses(settings):
    wanted = {400: EXC.HTTPClientError, 403: EXC.HTTPForbiddenError, 413: EXC.HTTPURITooLongError,
              404: EXC.HTTPResourceNotFoundError, 414: EXC.HTTPURITooLongError,
              418: EXC.HTTPClientError, 500: EXC.HTTPServerError, 502: EXC.HTTPServerError,
              503: EXC.HTTPServerError}
    for status, kind in wanted.items():
        for html in (False, True):
            fault(settings, "status", _status=status, _html=html, method="POST", path="^/Entity")
            raises(kind, new("never").insert)
    equal(db.execute_query("COUNT RECORDTYPE"), 0)


def ended_session(settings):
    """One 401 in mid-run: the client logs in again and repeats."""
    new("a").insert()
    fault(settings, "status", _status=401, method="POST", path="^/Entity")
    new("b").insert()
    equal(db.execute_query("COUNT RECORDTYPE"), 2)
    fault(settings, "status", _status=401, method="POST", path="^/Entity", times=2)
    raises(EXC.LoginFailedError, new("c").insert)
    fault(settings, "cleared-cookie", method="GET", path="^/Entity")
    equal(db.execute_query("COUNT RECORDTYPE"), 2)
    new("d").insert()


def no_documents(settings):
    for kind in ("html", "cut-xml", "empty"):
        fault(settings, kind, method="GET", path="^/Entity")
        raises(etree.XMLSyntaxError, lambda: db.execute_query("FIND RECORDTYPE"))
    fault(settings, "redirect", _location=settings["url"] + "/Info", method="POST", path="^/Entity")
    moved = new("moved")
    moved.insert()
    equal(moved.is_valid(), False)
    equal(db.execute_query("COUNT RECORDTYPE"), 0)


def refused_in_a_batch(settings):
    fault(settings, "refuse", _name="b", _code=999, method="POST", path="^/Entity")
    batch = db.Container().extend([new("a"), new("b"), new("c")])
    refused(EXC.EntityError, batch.insert, 999)
    equal(db.execute_query("COUNT RECORDTYPE"), 0)
    batch.insert()
    equal(db.execute_query("COUNT RECORDTYPE"), 3)


def answers_without_ids(settings):
    fault(settings, "no-ids", method="POST", path="^/Entity")
    one = new("a")
    one.insert()
    equal(one.is_valid(), False)
    equal(db.execute_query("COUNT RECORDTYPE"), 1)


def ids_that_are_no_numbers(settings):
    new("a").insert()
    fault(settings, "string-id", method="GET", path="^/Entity")
    raises(ValueError, lambda: db.execute_query("FIND RECORDTYPE"))


def slow(settings):
    new("a").insert()
    fault(settings, "slow", _delay=100, method="GET", path="^/Entity")
    equal(len(db.execute_query("FIND RECORDTYPE")), 1)


def after_some(settings):
    """A rule may let requests pass first."""
    model()
    fault(settings, "status", _status=500, method="GET", path="query=", skip=2, times=1)
    equal(db.execute_query("COUNT RECORDTYPE"), 3)
    equal(db.execute_query("COUNT RECORDTYPE"), 3)
    raises(EXC.HTTPServerError, lambda: db.execute_query("COUNT RECORDTYPE"))
    equal(db.execute_query("COUNT RECORDTYPE"), 3)
