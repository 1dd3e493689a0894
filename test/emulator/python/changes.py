import linkahead as db

from check import equal, refused
from laboratory import model, records


def update_replaces(_settings):
    entities = model()
    record = records(entities, 1)[0]
    record.description = "new"
    record.name = "renamed"
    record.properties[0].value = 9.5
    record.add_property(entities["note"], "a note").update()
    again = db.Record(id=record.id).retrieve()
    equal([again.name, again.description], ["renamed", "new"])
    equal([prop.value for prop in again.properties], [9.5, "a note"])
    again.remove_property("note").update()
    equal(len(db.Record(id=record.id).retrieve().properties), 1)
    equal(db.execute_query("COUNT RECORD WITH name='S0'"), 0)


def unchanged_update(_settings):
    record = records(model(), 1)[0]
    before = db.Record(id=record.id).retrieve()
    before.update()
    after = db.Record(id=record.id).retrieve()
    equal(after.version.id, before.version.id)


def update_many_at_once(_settings):
    container = records(model(), 20)
    for record in container:
        record.description = f"of {record.name}"
    container.update()
    equal([one.description for one in db.execute_query("FIND RECORD Sample")],
          [f"of S{index}" for index in range(20)])


def one_fault_stops_all(_settings):
    entities = model()
    good = db.Record(name="good").add_parent(entities["Sample"]).add_property("weight", 1)
    bad = db.Record(name="bad").add_parent(id=99999)
    error = refused(db.exceptions.UnqualifiedParentsError,
                    lambda: db.Container().extend([good, bad]).insert(), 116)
    equal(error.code, 12)
    equal(db.execute_query("COUNT RECORD"), 0)
    equal([good.is_valid(), bad.is_valid()], [False, False])


def delete(_settings):
    entities = model()
    container = records(entities, 3)
    gone = container[0].id
    for one in db.Container().extend(container[:2]).delete():
        equal([message.code for message in one.messages], [10])
    equal([one.name for one in db.execute_query("FIND RECORD")], ["S2"])
    refused(db.exceptions.EntityDoesNotExistError,
            lambda: db.Record(id=gone).delete(), 101)


def delete_what_is_needed(_settings):
    entities = model()
    sample = records(entities, 1)[0]
    user = db.Record(name="M").add_parent(entities["Measurement"])
    user.add_property(entities["Sample"], sample).insert()
    for needed in (sample, entities["weight"], entities["Sample"]):
        refused(db.exceptions.EntityError, lambda one=needed: one.delete(), 192)
    equal(db.execute_query("COUNT ENTITY"), 7)
    db.Container().extend([sample, user]).delete()
    equal(db.execute_query("COUNT RECORD"), 0)


def delete_in_chunks(_settings):
    """The client deletes 100 at once, and what others need at the end."""
    entities = model()
    container = records(entities, 120)
    for index in range(130):
        record = db.Record(name=f"M{index}").add_parent(entities["Measurement"])
        container.append(record.add_property(entities["Sample"], container[index % 120].id))
    db.Container().extend(container[120:]).insert()
    container.delete()
    equal(db.execute_query("COUNT RECORD"), 0)
    db.Container().extend(list(entities.values())).delete()
    equal(db.execute_query("COUNT ENTITY"), 0)
