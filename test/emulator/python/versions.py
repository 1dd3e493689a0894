import re
from datetime import datetime

import linkahead as db

from check import equal, raises
from laboratory import model, records


def changed_three_times():
    record = records(model(), 1)[0]
    ids = [db.Record(id=record.id).retrieve().version.id]
    for text in ("a", "b"):
        record = db.Record(id=record.id).retrieve()
        record.description = text
        record.update()
        ids.append(db.Record(id=record.id).retrieve().version.id)
    return record.id, ids


def chain(_settings):
    number, ids = changed_three_times()
    for version in ids:
        assert re.fullmatch("[0-9a-f]{40}", version), version
    newest = db.Record(id=number).retrieve(flags={"H": None}).version
    equal([newest.id, newest.is_head, newest.is_complete_history], [ids[2], True, True])
    equal([newest.username, newest.realm], ["admin", "PAM"])
    datetime.strptime(newest.date, "%Y-%m-%dT%H:%M:%S.%f%z")
    equal([one.id for one in newest.get_history()], ids)
    queried = db.Query(f"FIND ENTITY {number}")
    queried.putFlag("H")
    equal([one.id for one in queried.execute(unique=True).version.get_history()], ids)
    plain = db.Record(id=number).retrieve().version
    equal([one.id for one in plain.predecessors], [ids[1]])
    equal(plain.is_complete_history, False)


def old_versions(_settings):
    number, ids = changed_three_times()
    for key, text in ((ids[0], None), (ids[1], "a"), ("HEAD", "b"), ("HEAD~1", "a")):
        found = db.Container().retrieve(query=f"{number}@{key}", sync=False)
        equal(found[0].description, text)
    old = db.Container().retrieve(query=f"{number}@{ids[1]}", sync=False)[0]
    equal([old.version.is_head, [one.id for one in old.version.successors]], [False, [ids[2]]])
    raises(db.exceptions.TransactionError,
           lambda: db.Container().retrieve(query=f"{number}@{'0' * 40}", sync=False))


def bring_back(_settings):
    number, ids = changed_three_times()
    old = db.Container().retrieve(query=f"{number}@{ids[0]}", sync=False)[0]
    old.version = None
    old.update()
    newest = db.Record(id=number).retrieve(flags={"H": None})
    equal(newest.description, None)
    equal(len(newest.version.get_history()), 4)


def versioned_references(_settings):
    number, ids = changed_three_times()
    measurement = db.Record().add_parent(name="Measurement")
    measurement.add_property("Sample", f"{number}@{ids[0]}").insert()
    equal(db.Record(id=measurement.id).retrieve().properties[0].value, f"{number}@{ids[0]}")
    wrong = db.Record().add_parent(name="Measurement")
    raises(db.exceptions.TransactionError,
           lambda: wrong.add_property("Sample", f"{number}@{'f' * 40}").insert())
