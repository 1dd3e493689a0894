import { EngineError, type JobContext } from '../core/index.ts';
import {
	CaosDbClient,
	type Entity,
	type ExportOptions,
	type RequestRules,
	exportEntities,
	readAcl,
} from '../entity/index.ts';
import { RemarkLog } from './remark-log.ts';
import { exportWarnings } from './xml-export.ts';

export interface XmlExportItemsInput {
	readonly export: ExportOptions;
	/** More entities than this are an error: items stay in n8n's memory. */
	readonly limit: number;
	/** How patient the client is; absent parts are the defaults. */
	readonly requestRules?: Partial<RequestRules>;
}

export interface XmlExportItemsReport {
	/** Entities as plain data; values are the texts of the server. */
	readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>;
	readonly warnings: readonly string[];
}

/** Without what is empty, so that an item shows what an entity has. */
function withoutEmpty(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const given = Object.entries(record).filter(
		([, value]) =>
			value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
	);
	return Object.fromEntries(given);
}

function itemOf(entity: Entity): Readonly<Record<string, unknown>> {
	const { role, id, name, description, parents, properties, version, acl } = entity;
	const { datatype, unit, path, checksum, size, query } = entity;
	const item = withoutEmpty({
		...{ role, id, name, description, datatype, unit, path, checksum, size, query },
		parents: parents.map((parent) => withoutEmpty({ id: parent.id, name: parent.name })),
		version: version === null ? null : withoutEmpty({ ...version }),
		acl: acl === null ? null : readAcl(acl),
	});
	const applied = properties.map((property) => ({
		...withoutEmpty({
			...{ id: property.id, name: property.name, datatype: property.datatype },
			...{ unit: property.unit, importance: property.importance },
		}),
		value: property.value,
	}));
	const own = role === 'Property' ? { value: entity.value } : {};
	return { ...item, ...own, properties: applied };
}

/** A small selection of entities as data. Throws `limit_exceeded`. */
export async function xmlExportItems(
	{ export: options, limit, requestRules = {} }: XmlExportItemsInput,
	context: JobContext,
): Promise<XmlExportItemsReport> {
	const { signal, ports } = context;
	const remarks = new RemarkLog();
	const client = new CaosDbClient({
		...{ http: ports.http, signal, rules: requestRules, onRemark: remarks.add },
	});
	const made = exportEntities(client, options, context);
	const items: Array<Readonly<Record<string, unknown>>> = [];
	for await (const entity of made.entities) {
		if (items.length === limit) {
			throw new EngineError('limit_exceeded', `There are more than ${limit} entities for items`, {
				remedy: "Set 'Destination' to Backup Set, File or Binary Field, or select fewer.",
				details: { limit },
			});
		}
		items.push(itemOf(entity));
	}
	const warnings = [...exportWarnings(made.summary(), options.ids), ...remarks.lines()];
	return { items, warnings };
}
