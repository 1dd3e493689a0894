"""Every error code on its level, as the official client reports it."""
import linkahead as db

from check import equal, raises, refused
from laboratory import model, records

EXC = db.exceptions


def entity_does_not_exist(_settings):
    refused(EXC.EntityDoesNotExistError, lambda: db.Record(id=4711).retrieve(), 101)
    refused(EXC.EntityDoesNotExistError, lambda: db.Record(name="nobody").retrieve(), 101)
    refused(EXC.EntityDoesNotExistError, lambda: db.Record(id=4711, name="x").update(), 101)
    refused(EXC.EntityDoesNotExistError, lambda: db.Record(id=4711).delete(), 101)


def unqualified_properties(_settings):
    record = db.Record(name="x").add_parent(model()["Measurement"])
    record.add_property(id=4711, value=1)
    record.add_property("no such property", 1)
    error = refused(EXC.UnqualifiedPropertiesError, record.insert, 114)
    refused(EXC.EntityDoesNotExistError, record.insert, 101)
    equal(error.code, 12)
    assert error.has_error(EXC.UnqualifiedPropertiesError, direct_children_only=True)


def unqualified_parents(_settings):
    model()
    error = refused(EXC.UnqualifiedParentsError,
                    lambda: db.Record(name="x").add_parent(name="no such type").insert(), 116)
    assert error.has_error(EXC.EntityDoesNotExistError)
    refused(EXC.UnqualifiedParentsError,
            lambda: db.Record(name="x").add_parent(id=-4711).insert(), 116)


def no_datatype(_settings):
    refused(EXC.EntityHasNoDatatypeError, lambda: db.Property(name="x").insert(), 110)


def unknown_datatype(_settings):
    refused(EXC.EntityError, lambda: db.Property(name="x", datatype="NoSuchType").insert(), 0)


def name_not_unique(_settings):
    entities = model()
    refused(EXC.UniqueNamesError, lambda: db.RecordType(name="Sample").insert(), 152)
    refused(EXC.UniqueNamesError, lambda: db.RecordType(name="sAMPLE").insert(), 152)
    twins = db.Container().extend([db.RecordType(name="twin"), db.RecordType(name="twin")])
    refused(EXC.UniqueNamesError, twins.insert, 152)
    one = db.RecordType(name="Sample").insert(unique=False)
    raises(EXC.LinkAheadException, lambda: db.RecordType(name="Sample").retrieve())
    refused(EXC.EntityError, lambda: db.Record().add_parent(name="Sample").insert(), 0)
    one.name = "other"
    one.update()
    one.name = "note"
    refused(EXC.UniqueNamesError, one.update, 152)
    equal(db.RecordType(name="Sample").retrieve().id, entities["Sample"].id)


def wrong_values(_settings):
    model()
    for datatype, text in (("INTEGER", "1.5"), ("DOUBLE", "abc"), ("BOOLEAN", "1"),
                           ("DATETIME", "yesterday")):
        prop = db.Property(name=f"p {datatype}", datatype=datatype).insert()
        record = db.Record().add_parent(name="Measurement")
        record.add_property(id=prop.id, name=prop.name, value=text)
        refused(EXC.UnqualifiedPropertiesError, record.insert, 114)
    several = db.Record().add_parent(name="Measurement")
    several.add_property("note", ["a", "b"])
    refused(EXC.UnqualifiedPropertiesError, several.insert, 114)


def wrong_references(_settings):
    entities = model()
    def measurement(value):
        return db.Record().add_parent(entities["Measurement"]).add_property("Sample", value)
    refused(EXC.EntityError, measurement(4711).insert, 235)
    refused(EXC.EntityError, measurement("nobody").insert, 235)
    refused(EXC.EntityError, measurement(-4711).insert, 235)
    refused(EXC.EntityError, measurement(entities["Measurement"].id).insert, 145)
    sub = db.Record().add_parent(entities["SubSample"]).add_property("weight", 1).insert()
    measurement(sub.id).insert()


def strict(_settings):
    refused(EXC.EntityError, lambda: db.Record(name="x").insert(strict=True), 128)
    record = db.Record(name="x").insert()
    equal([warning.code for warning in record.get_warnings()], [0])


def required(_settings):
    entities = model()
    records(entities, 1)
    refused(EXC.EntityError, entities["Sample"].delete, 192)


def own_parent(_settings):
    kind = db.RecordType(name="T").insert()
    kind.add_parent(kind)
    refused(EXC.UnqualifiedParentsError, kind.update, 116)
