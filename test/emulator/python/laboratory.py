"""A small data model that scenarios start from."""
import linkahead as db


def model():
    """Inserted: weight, note, Sample (obligatory weight), SubSample, Measurement (refers to Sample)."""
    weight = db.Property(name="weight", datatype=db.DOUBLE, unit="kg", description="Gewicht")
    note = db.Property(name="note", datatype=db.TEXT)
    sample = db.RecordType(name="Sample", description="Probe für Messungen")
    sample.add_property(weight, importance=db.OBLIGATORY)
    sample.add_property(note, importance=db.RECOMMENDED)
    sub = db.RecordType(name="SubSample").add_parent(sample, inheritance=db.ALL)
    measurement = db.RecordType(name="Measurement")
    measurement.add_property(sample)
    container = db.Container().extend([measurement, sub, sample, note, weight])
    container.insert()
    return {entity.name: entity for entity in container}


def records(entities, count):
    """Inserted: `count` Samples named S0, S1, … of 0, 1, … kilograms."""
    container = db.Container()
    for index in range(count):
        record = db.Record(name=f"S{index}").add_parent(entities["Sample"])
        record.add_property(entities["weight"], value=float(index))
        container.append(record)
    container.insert()
    return container
