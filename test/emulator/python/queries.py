import linkahead as db
from linkahead.cached import cached_get_entity_by

from check import equal, raises, fault
from laboratory import model, records


def names(query):
    return [entity.name for entity in db.execute_query(query)]


def prepared():
    entities = model()
    container = records(entities, 12)
    container[3].description = "third"
    container[3].add_property("note", "Näheres: siehe *Buch*").update()
    sub = db.Record(name="Sub 1").add_parent(entities["SubSample"]).add_property("weight", 0.5)
    sub.insert()
    measurement = db.Record(name="M 1").add_parent(entities["Measurement"])
    measurement.add_property("Sample", [container[1], container[2]], datatype=db.LIST("Sample"))
    measurement.insert()
    return container, sub, measurement


def by_type_name_and_id(_settings):
    container, sub, measurement = prepared()
    equal(len(names("FIND RECORD Sample")), 13)
    equal(names("FIND RECORD SubSample"), ["Sub 1"])
    equal(names("find recordtype Sample"), ["Sample", "SubSample"][::-1])
    equal(db.execute_query("COUNT RECORD"), 14)
    equal(db.execute_query("COUNT ENTITY WITH ID>99"), 19)
    equal(names("FIND PROPERTY"), ["note", "weight"])
    equal(names(f"FIND ENTITY {sub.id}"), ["Sub 1"])
    ids = [container[5].id, measurement.id, container[7].id]
    equal(names("FIND ENTITY WITH " + " OR ".join(f"ID={one}" for one in ids)),
          ["S5", "S7", "M 1"])
    equal(db.get_entity_by_id(sub.id).name, "Sub 1")
    equal(db.get_entity_by_name("Sub 1").id, sub.id)
    equal(names("FIND RECORD WITH name LIKE 'S1*'"), ["S1", "S10", "S11"])
    equal(names('FIND RECORD "Sub*"'), ["Sub 1"])
    equal(names("FIND RECORD <<sub.*>>"), ["Sub 1"])
    equal(names("FIND Sample"), [f"S{i}" for i in range(12)] + ["Sub 1"])
    equal(names("FIND RECORD NoSuchType"), [])
    equal(cached_get_entity_by(name="Sample").role, "RecordType")


def by_value(_settings):
    prepared()
    equal(names("FIND RECORD Sample WITH weight >= 10"), ["S10", "S11"])
    equal(names("FIND RECORD Sample WITH weight<1 AND weight != 0"), ["Sub 1"])
    equal(names("FIND Sample WHICH HAS A PROPERTY weight = 3.0"), ["S3"])
    equal(names("FIND Sample WITH note"), ["S3"])
    equal(names("FIND Sample WITH note LIKE '*siehe \\*Buch\\*'"), ["S3"])
    equal(names("FIND Sample WITH description='third'"), ["S3"])
    equal(names("FIND Sample WHICH HAS NOT note AND (weight = 1 OR weight = 3 OR weight = 4)"),
          ["S1", "S4"])


def by_date(_settings):
    kind = db.RecordType(name="Event").insert()
    date = db.Property(name="date", datatype=db.DATETIME).insert()
    for name, at in (("a", "2019-05-16"), ("b", "2019-07-24T10:00:00"), ("c", "2020-01-01")):
        db.Record(name=name).add_parent(kind).add_property(date, at).insert()
    equal(names("FIND RECORD Event WITH date > 2019-05-16"), ["b", "c"])
    equal(names("FIND RECORD Event WITH date IN 2019"), ["a", "b"])
    equal(names("FIND RECORD Event WITH date > 2019-05-15 AND date < 2020"), ["a", "b"])
    equal(names("FIND RECORD Event WITH date = 2019-07-24"), ["b"])


def by_reference(_settings):
    container, _sub, measurement = prepared()
    equal(names(f"FIND ENTITY WHICH REFERENCES {container[1].id}"), ["M 1"])
    equal(names("FIND RECORD WHICH REFERENCES Sample"), ["M 1"])
    equal(names("FIND RECORD WITH Sample -> S2"), ["M 1"])
    equal(names(f"FIND RECORD Sample WHICH IS REFERENCED BY {measurement.id}"), ["S1", "S2"])
    equal(names("FIND RECORD Sample WHICH IS NOT REFERENCED BY Measurement")[:2], ["S0", "S3"])


def by_transaction(settings):
    container, _sub, _measurement = prepared()
    equal(len(names("FIND RECORD Sample WHICH WAS INSERTED BY ME")), 13)
    equal(names("FIND RECORD WHICH WAS UPDATED SINCE 2024-05-01"), ["S3"])
    equal(names("FIND RECORD WHICH WAS UPDATED BEFORE 2024-05-01"), [])
    equal(names("FIND RECORD WHICH WAS UPDATED TODAY"), ["S3"])
    settings["connect"](user="curator", password="Curator-1")
    equal(names("FIND RECORD WHICH WAS INSERTED BY ME"), [])
    equal(names("FIND RECORD WHICH WAS UPDATED BY admin"), ["S3"])
    container[4].description = "by the curator"
    container[4].update()
    equal(names("FIND RECORD WHICH WAS UPDATED BY SOMEONE ELSE"), ["S3"])
    equal(len(db.execute_query(f"FIND ANY VERSION OF ENTITY WITH id={container[4].id}")), 2)


def select(_settings):
    prepared()
    found = db.execute_query("SELECT name, note FROM Sample WITH weight = 3")
    equal([prop.name for prop in found[0].properties], ["note"])
    equal(found.get_property_values("name", "note"), [("S3", "Näheres: siehe *Buch*")])
    single = db.Record(name="M 2").add_parent(name="Measurement").add_property("Sample", "S7")
    single.insert()
    found = db.execute_query("SELECT Sample.weight, Sample FROM RECORD 'M 2'")
    equal(found.get_property_values(("Sample", "weight"), "Sample"), [(7.0, db.get_entity_by_name("S7").id)])
    found = db.execute_query("SELECT Sample.name FROM RECORD 'M 1'")
    equal([one.name for one in found[0].get_property("Sample").value], ["S1", "S2"])


def bad_queries(_settings):
    for query in ("FIND ENTITY WITH ", "SOMETHING ELSE", "FIND", "FIND RECORD WITH (a=1"):
        error = raises(db.exceptions.TransactionError, lambda one=query: db.execute_query(one))
        assert "query" in str(error), error


def unique(_settings):
    prepared()
    equal(db.execute_query("FIND RECORD SubSample", unique=True).name, "Sub 1")
    raises(db.exceptions.QueryNotUniqueError,
           lambda: db.execute_query("FIND RECORD Sample", unique=True))
    raises(db.exceptions.EmptyUniqueQueryError,
           lambda: db.execute_query("FIND RECORD Nothing", unique=True))


def pages(_settings):
    prepared()
    for length in (1, 4, 13, 20):
        found = db.execute_query("FIND RECORD Sample", page_length=length)
        sizes, all_names = [], []
        for page in found:
            sizes.append(len(page))
            all_names += [one.name for one in page]
        equal(sum(sizes), 13)
        assert all(size == length for size in sizes[:-1]), sizes
        equal(len(set(all_names)), 13)


def pages_of_a_changing_database(settings):
    container, _sub, _measurement = prepared()
    found = iter(db.execute_query("FIND RECORD Sample", page_length=4))
    next(found)
    container[0].description = "changed meanwhile"
    container[0].update()
    raises(db.exceptions.PagingConsistencyError, lambda: next(found))
    fault(settings, "changed-etag", path="P=4L4")
    raises(db.exceptions.PagingConsistencyError,
           lambda: list(db.execute_query("FIND RECORD Sample", page_length=4)))


def short_page(settings):
    prepared()
    fault(settings, "short-page", path="P=4L4")
    found = list(db.execute_query("FIND RECORD Sample", page_length=4))
    equal([len(page) for page in found], [4, 3, 4, 1])


def cache(_settings):
    prepared()
    asked = []
    for use in (True, True, False):
        query = db.Query("FIND RECORD Sample")
        query.execute(cache=use)
        asked.append(query.cached)
    equal(asked, [False, True, False])


def many_ids_at_once(settings):
    """The client halves its list of ids as long as the address is too long."""
    container = records(model(), 40)
    fault(settings, "url-limit", _length=60, _status=414, times=0)
    again = db.Container().extend([db.Record(id=one.id) for one in container])
    again.retrieve()
    equal(sorted(one.name for one in again), sorted(f"S{index}" for index in range(40)))


def pages_of_many(_settings):
    """The first pages of 100,000 Samples."""
    found = iter(db.execute_query("FIND RECORD Sample", page_length=500))
    equal([next(found)[0].name for _page in range(3)], ["S0", "S500", "S1000"])
    equal(db.execute_query("COUNT RECORD Sample WITH weight < 10"), 100)
