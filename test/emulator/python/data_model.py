import math

import linkahead as db

from check import equal, refused
from laboratory import model


def in_one_request(_settings):
    """New entities refer to each other by temporary ids and by names, in any order."""
    entities = model()
    equal([entity.id > 99 for entity in entities.values()], [True] * 5)
    sub = db.RecordType(id=entities["SubSample"].id).retrieve()
    equal(sorted(prop.name for prop in sub.properties), ["note", "weight"])
    equal(sub.get_importance("weight"), "OBLIGATORY")
    equal(sub.get_importance("note"), "RECOMMENDED")
    equal(sub.get_property("weight").unit, "kg")
    measurement = db.RecordType(name="Measurement").retrieve()
    equal(measurement.get_property("Sample").datatype, "Sample")


def records_in_a_circle(_settings):
    entities = model()
    friend = db.RecordType(name="Friend")
    one, two = db.Record(name="one"), db.Record(name="two")
    for mine, other in ((one, two), (two, one)):
        mine.add_parent(friend).add_property(friend, other)
        mine.add_property(friend, [one, two], datatype=db.LIST("Friend"))
    db.Container().extend([one, two, friend]).insert()
    again = db.Record(id=one.id).retrieve()
    equal([prop.value for prop in again.properties], [two.id, [one.id, two.id]])
    equal(again.properties[1].datatype, "LIST<Friend>")
    return [one.id, two.id, entities["Sample"].id]


def names_stand_for_ids(_settings):
    model()
    record = db.Record(name="by name").add_parent(name="Sample")
    record.add_property("weight", 1.5)
    record.insert()
    other = db.Record().add_parent(name="Measurement")
    other.add_property("Sample", "by name", datatype="Sample").insert()
    equal(db.Record(id=other.id).retrieve().properties[0].value, record.id)
    lower = db.Record(name="other letters").add_parent(name="sample").add_property("WEIGHT", 2)
    lower.insert()
    equal(db.Record(id=lower.id).retrieve().parents[0].name, "Sample")


VALUES = [
    (db.TEXT, ["plain", "Größe µ € 😀", "<a & \"b\">", "two\nlines", "tab\there", None, ""]),
    (db.DOUBLE, [4.5, 1e-07, 0.30000000000000004, 1e+22, -0.0, math.inf, -math.inf, None]),
    (db.INTEGER, [0, -7, 2**62, 10**30, None]),
    (db.BOOLEAN, [True, False, None]),
    (db.DATETIME, ["2024", "2024-05", "2024-05-01", "2024-05-01T10:00:00.000001",
                   "2024-05-01 10:00:00+00:00", None]),
]


def values_come_back(_settings):
    holder = db.RecordType(name="Holder").insert()
    for datatype, values in VALUES:
        one = db.Property(name=f"one {datatype}", datatype=datatype).insert()
        many = db.Property(name=f"many {datatype}", datatype=db.LIST(datatype)).insert()
        record = db.Record().add_parent(holder)
        for value in values:
            record.add_property(one, value)
        record.add_property(many, values)
        record.insert()
        again = db.Record(id=record.id).retrieve()
        equal([prop.value for prop in again.properties], [*values, values])
    nan = db.Record().add_parent(holder).add_property("one DOUBLE", math.nan).insert()
    assert math.isnan(db.Record(id=nan.id).retrieve().properties[0].value)


def one_and_many(_settings):
    """A single value of a list property is a list; an own datatype goes before the property's."""
    holder = db.RecordType(name="Holder").insert()
    prop = db.Property(name="numbers", datatype=db.LIST(db.INTEGER)).insert()
    record = db.Record().add_parent(holder).add_property(prop, [3])
    record.add_property(prop, "x", datatype=db.TEXT, unit="m", name="other name")
    record.insert()
    again = db.Record(id=record.id).retrieve()
    equal(again.properties[0].value, [3])
    other = again.properties[1]
    equal([other.id, other.name, other.datatype, other.unit, other.value],
          [prop.id, "other name", "TEXT", "m", "x"])


def obligatory(_settings):
    entities = model()
    refused(db.exceptions.EntityError,
            lambda: db.Record(name="no weight").add_parent(entities["Sample"]).insert(), 0)
    refused(db.exceptions.EntityError,
            lambda: db.Record(name="no weight").add_parent(entities["SubSample"]).insert(), 0)
    for mode in ("ignore", "warn"):
        record = db.Record(name=f"mode {mode}").add_parent(entities["Sample"])
        record.set_flag("force-missing-obligatory", mode)
        record.insert()
        equal(len(record.get_warnings()), 1 if mode == "warn" else 0)
    all_ignored = db.Record(name="whole request").add_parent(entities["Sample"])
    all_ignored.insert(flags={"force-missing-obligatory": "ignore"})
    assert all_ignored.id > 0


def inheritance(_settings):
    """A parent hands down what is at least as important as asked for, also through parents."""
    props = [db.Property(name=name, datatype=db.TEXT) for name in ("must", "should", "may", "own")]
    top = db.RecordType(name="Top")
    for prop, importance in zip(props, (db.OBLIGATORY, db.RECOMMENDED, db.SUGGESTED, db.FIX)):
        top.add_property(prop, importance=importance)
    wanted = {"OBLIGATORY": ["must"], "RECOMMENDED": ["must", "should"],
              "SUGGESTED": ["may", "must", "should"], "ALL": ["may", "must", "should"], "NONE": []}
    types = [db.RecordType(name=flag).add_parent(top, inheritance=flag) for flag in wanted]
    below = db.RecordType(name="Below").add_parent(types[1], inheritance="ALL")
    db.Container().extend([below, *types, top, *props]).insert()
    for kind in types:
        found = db.RecordType(id=kind.id).retrieve()
        equal(sorted(prop.name for prop in found.properties), wanted[kind.name])
    equal([prop.name for prop in db.RecordType(name="Below").retrieve().properties],
          ["must", "should"])


def properties_of_properties(_settings):
    inner = db.Property(name="inner", datatype=db.TEXT).insert()
    outer = db.Property(name="outer", datatype=db.TEXT)
    outer.add_property(inner, "about the property").insert()
    again = db.Property(id=outer.id).retrieve()
    equal(again.properties[0].value, "about the property")
    child = db.Property(name="child").add_parent(outer).insert()
    equal(db.Property(id=child.id).retrieve().datatype, "TEXT")


def query_templates(_settings):
    template = db.QueryTemplate(name="all samples", query="FIND RECORD Sample", description="d")
    template.insert()
    again = db.QueryTemplate(name="all samples")
    again.retrieve()
    equal([again.id, again.query, again.description],
          [template.id, "FIND RECORD Sample", "d"])
    again.query = "FIND RECORD Other"
    again.update()
    other = db.QueryTemplate(id=template.id)
    other.retrieve()
    equal(other.query, "FIND RECORD Other")
    equal(db.execute_query("COUNT QUERYTEMPLATE"), 1)
    other.delete()
    equal(db.execute_query("COUNT QUERYTEMPLATE"), 0)
