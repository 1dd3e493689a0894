import type { RawClient } from '../emulator/raw-client.ts';
import { idOf } from '../emulator/raw-client.ts';

/** Ids of what `fillLaboratory` inserts, by name. */
export type LaboratoryIds = Readonly<Record<string, string>>;

const MODEL = `
	<Property id="-1" name="weight" datatype="DOUBLE" unit="kg"/>
	<Property id="-2" name="remark" datatype="TEXT" description="ä &amp; b"/>
	<Property id="-3" name="tags" datatype="LIST&lt;TEXT&gt;"/>
	<RecordType id="-4" name="Thing"/>
	<RecordType id="-5" name="Sample"><Parent id="-4"/><Property id="-1" importance="OBLIGATORY"/></RecordType>
	<RecordType id="-6" name="Unrelated"/>
	<RecordType id="-7" name="Device"/>
	<Property id="-8" name="with" datatype="LIST&lt;Device&gt;"/>
	<Property id="-9" name="next" datatype="Sample"/>
	<Property id="-10" name="raw" datatype="FILE"/>
	<QueryTemplate id="-11" name="Heavy" description="d"><Query>FIND Sample WITH weight &gt; 1</Query></QueryTemplate>`;

const DATA = `
	<Record id="-20" name="S1"><Parent name="Sample"/>
		<Property name="weight" unit="kg">1e3</Property><Property name="remark">  a
b\t</Property>
		<Property name="tags"><Value>red</Value><Value><EmptyString/></Value><Value/></Property>
		<Property name="next">-21</Property><Property name="with"><Value>-23</Value><Value/></Property></Record>
	<Record id="-21" name="S2"><Parent name="Sample"/><Property name="weight">NaN</Property>
		<Property name="remark"><EmptyString/></Property><Property name="next">-22</Property></Record>
	<Record id="-22" name="S3"><Parent name="Sample"/><Property name="weight">-0.0</Property>
		<Property name="next">-20</Property></Record>
	<Record id="-23" name="D1"><Parent name="Device"/></Record>
	<Record id="-24" name="U1"><Parent name="Unrelated"/></Record>`;

/** A small server: a model, records that refer to each other in a circle, and things that nobody needs. */
export async function fillLaboratory(raw: RawClient): Promise<LaboratoryIds> {
	const inserted = [...(await raw.insert(MODEL)), ...(await raw.insert(DATA))];
	const pairs = inserted.map((entity) => [entity.attributes.get('name') ?? '', idOf(entity)]);
	return Object.fromEntries(pairs) as LaboratoryIds;
}

/** Inserts a File with content; the id. */
export async function insertFile(raw: RawClient, path: string, content: string): Promise<string> {
	const boundary = 'b';
	const xml = `<Insert><File id="-1" name="${path}" path="${path}" upload="u"/></Insert>`;
	const part = (head: string, body: string): string =>
		`--${boundary}\r\n${head}\r\n\r\n${body}\r\n`;
	const answer = await raw.send('POST', '/Entity', {
		headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
		body:
			part(
				'Content-Disposition: form-data; name="FileRepresentation"\r\nContent-Type: text/plain; charset=utf-8',
				xml,
			) +
			part('Content-Disposition: form-data; name="f"; filename="u"', content) +
			`--${boundary}--\r\n`,
	});
	const file = answer
		.root()
		.children.find((child) => typeof child !== 'string' && child.name === 'File');
	return typeof file === 'object' ? idOf(file) : '';
}
