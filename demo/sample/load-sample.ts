import { type Connection, createConnection } from 'mysql2/promise';

import { sampleRows } from './entities.ts';
import type { SampleFile } from './file-root.ts';
import { ROUTINES } from './routines.ts';
import { schemaStatements } from './schema.ts';

export interface SampleServer {
	readonly host: string;
	readonly port: number;
	/** May make databases and accounts. */
	readonly user: string;
	readonly password: string;
}

export interface SampleAccount {
	readonly database: string;
	readonly user: string;
	readonly password: string;
}

const ROWS_PER_INSERT = 500;

async function insertRows(connection: Connection, files: readonly SampleFile[]): Promise<number> {
	let total = 0;
	for (const [table, rows] of sampleRows(files)) {
		for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
			await connection.query(`INSERT INTO ${table} VALUES ?`, [
				rows.slice(at, at + ROWS_PER_INSERT),
			]);
		}
		total += rows.length;
	}
	return total;
}

/**
 * Makes a CaosDB-like database with its account, which owns the routines, and fills it. Foreign keys are
 * checked while it is filled. Returns the number of rows.
 */
export async function loadSample(
	server: SampleServer,
	{ database, user, password }: SampleAccount,
	files: readonly SampleFile[],
): Promise<number> {
	const { host, port } = server;
	const { user: adminUser, password: adminPassword } = server;
	const admin = await createConnection({
		...{ host, port, user: adminUser, password: adminPassword },
		charset: 'utf8mb4',
	});
	try {
		await admin.query(`DROP DATABASE IF EXISTS \`${database}\``);
		await admin.query(
			`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci`,
		);
		await admin.query(`CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY ?`, [password]);
		await admin.query(`GRANT ALL ON \`${database}\`.* TO '${user}'@'%'`);
	} finally {
		await admin.end();
	}
	const connection = await createConnection({
		host,
		port,
		user,
		password,
		database,
		charset: 'utf8mb4',
	});
	try {
		await connection.query(
			"SET sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'",
		);
		for (const statement of schemaStatements()) await connection.query(statement);
		await connection.beginTransaction();
		const rows = await insertRows(connection, files);
		await connection.commit();
		for (const statement of ROUTINES) await connection.query(statement);
		return rows;
	} finally {
		await connection.end();
	}
}
