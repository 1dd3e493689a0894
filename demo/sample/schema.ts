/*
 * The tables of a CaosDB database (schema v5), in definitions of our own: names, columns, keys and
 * foreign keys as the server uses them. Identifiers count from 0, most tables have no primary key, file
 * hashes are raw bytes: what a backup must get right.
 */

const ID = 'INT UNSIGNED NOT NULL';
const STATUS =
	"ENUM('OBLIGATORY','RECOMMENDED','SUGGESTED','FIX','SUBTYPING','REPLACEMENT') NOT NULL DEFAULT 'FIX'";
const REFERENCE = (column: string): string => `FOREIGN KEY (${column}) REFERENCES entities (id)`;
const TRIPLE = `domain_id ${ID}, entity_id ${ID}, property_id ${ID}`;
const TRIPLE_KEYS = [
	'KEY (entity_id, domain_id)',
	'KEY (domain_id)',
	'KEY (property_id)',
	...['domain_id', 'entity_id', 'property_id'].map(REFERENCE),
].join(', ');

/** Tables of property values: name, type of the value and further columns. */
const VALUE_TABLES: ReadonlyArray<readonly [string, string]> = [
	['text_data', 'value TEXT NOT NULL'],
	['name_data', 'value VARCHAR(255) NOT NULL'],
	['double_data', 'value DOUBLE NOT NULL, unit_sig BIGINT'],
	['integer_data', 'value BIGINT NOT NULL, unit_sig BIGINT'],
	['datetime_data', 'value BIGINT NOT NULL, value_ns INT UNSIGNED'],
	['date_data', 'value INT NOT NULL'],
	['enum_data', 'value VARBINARY(255) NOT NULL'],
	['null_data', ''],
];

function valueTable([name, value]: readonly [string, string], isArchive: boolean): string {
	const columns = [TRIPLE, value, `status ${STATUS}`, 'pidx INT UNSIGNED NOT NULL DEFAULT 0'];
	const unique =
		name === 'name_data' && !isArchive ? 'UNIQUE KEY (domain_id, entity_id, property_id), ' : '';
	const version = isArchive ? `_iversion ${ID}, KEY (entity_id, _iversion), ` : '';
	const table = isArchive ? `archive_${name}` : name;
	return `CREATE TABLE ${table} (${columns.filter(Boolean).join(', ')}, ${version}${unique}${TRIPLE_KEYS})`;
}

const BASE = [
	'CREATE TABLE feature_config (_key VARCHAR(255) PRIMARY KEY, _value VARCHAR(255))',
	`CREATE TABLE transactions (srid VARBINARY(255) PRIMARY KEY, username VARBINARY(255) NOT NULL,
		realm VARBINARY(255) NOT NULL, seconds BIGINT UNSIGNED NOT NULL, nanos INT UNSIGNED NOT NULL)`,
	`CREATE TABLE entity_acl (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
		acl VARBINARY(65525) NOT NULL)`,
	`CREATE TABLE entities (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'Unique identifier.',
		description TEXT, role ENUM('RECORDTYPE','RECORD','FILE','DOMAIN','PROPERTY','DATATYPE','ROLE','QUERYTEMPLATE') NOT NULL,
		acl INT UNSIGNED, FOREIGN KEY (acl) REFERENCES entity_acl (id))`,
	`CREATE TABLE entity_version (entity_id ${ID}, hash VARBINARY(255), version VARBINARY(255) NOT NULL,
		_iversion ${ID}, _ipparent INT UNSIGNED, srid VARBINARY(255) NOT NULL,
		PRIMARY KEY (entity_id, _iversion), UNIQUE KEY (entity_id, version),
		FOREIGN KEY (entity_id) REFERENCES entities (id) ON DELETE CASCADE,
		FOREIGN KEY (srid) REFERENCES transactions (srid))`,
	`CREATE TABLE transaction_log (transaction VARCHAR(255) NOT NULL, entity_id ${ID},
		username VARBINARY(255) NOT NULL, seconds BIGINT UNSIGNED NOT NULL, nanos INT UNSIGNED NOT NULL,
		realm VARBINARY(255) NOT NULL, KEY (entity_id))`,
	`CREATE TABLE reference_data (${TRIPLE}, value ${ID}, value_iversion INT UNSIGNED,
		status ${STATUS}, pidx INT UNSIGNED NOT NULL DEFAULT 0, ${TRIPLE_KEYS}, ${REFERENCE('value')},
		FOREIGN KEY (value, value_iversion) REFERENCES entity_version (entity_id, _iversion))`,
	`CREATE TABLE data_type (${TRIPLE}, datatype ${ID}, UNIQUE KEY (domain_id, entity_id, property_id),
		${TRIPLE_KEYS}, ${REFERENCE('datatype')})`,
	`CREATE TABLE collection_type (${TRIPLE}, collection VARCHAR(255) NOT NULL,
		UNIQUE KEY (domain_id, entity_id, property_id), ${TRIPLE_KEYS})`,
	`CREATE TABLE name_overrides (${TRIPLE}, name VARCHAR(255),
		UNIQUE KEY (domain_id, entity_id, property_id), ${TRIPLE_KEYS})`,
	`CREATE TABLE desc_overrides (${TRIPLE}, description TEXT,
		UNIQUE KEY (domain_id, entity_id, property_id), ${TRIPLE_KEYS})`,
	`CREATE TABLE isa (child ${ID}, parent ${ID}, type ENUM('INHERITANCE','SUBTYPING'),
		UNIQUE KEY (child, parent), ${REFERENCE('child')}, ${REFERENCE('parent')})`,
	`CREATE TABLE isa_cache (child ${ID}, parent ${ID}, rpath VARCHAR(255) NOT NULL,
		PRIMARY KEY (child, parent, rpath), KEY (parent), ${REFERENCE('child')}, ${REFERENCE('parent')})`,
	`CREATE TABLE files (file_id INT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'The file id.',
		path VARCHAR(255) NOT NULL, size BIGINT UNSIGNED NOT NULL, hash BINARY(64),
		checked_timestamp BIGINT NOT NULL DEFAULT 0, ${REFERENCE('file_id')})`,
	`CREATE TABLE query_template_def (id INT UNSIGNED NOT NULL PRIMARY KEY, definition MEDIUMTEXT NOT NULL,
		${REFERENCE('id')})`,
	`CREATE TABLE units_lin_con (signature_from BIGINT NOT NULL PRIMARY KEY, signature_to BIGINT NOT NULL,
		a DECIMAL(65,30) NOT NULL, b_dividend INT NOT NULL, b_divisor INT NOT NULL, c DECIMAL(65,30) NOT NULL)`,
	'CREATE TABLE roles (name VARBINARY(255) PRIMARY KEY, description MEDIUMTEXT)',
	`CREATE TABLE permissions (role VARBINARY(255) PRIMARY KEY, permissions MEDIUMTEXT NOT NULL,
		FOREIGN KEY (role) REFERENCES roles (name))`,
	`CREATE TABLE user_info (realm VARBINARY(255), name VARBINARY(255), email VARBINARY(255),
		status ENUM('ACTIVE','INACTIVE') NOT NULL DEFAULT 'INACTIVE', entity INT UNSIGNED,
		PRIMARY KEY (realm, name), ${REFERENCE('entity')})`,
	`CREATE TABLE user_roles (realm VARBINARY(255), user VARBINARY(255), role VARBINARY(255),
		PRIMARY KEY (realm, user, role), FOREIGN KEY (role) REFERENCES roles (name))`,
	`CREATE TABLE passwd (principal VARBINARY(255) PRIMARY KEY, hash VARBINARY(255) NOT NULL,
		alg VARCHAR(255) DEFAULT 'SHA-512', it INT UNSIGNED DEFAULT 5000, salt VARBINARY(255) NOT NULL)`,
	`CREATE TABLE passwords (entity_id ${ID} PRIMARY KEY, password VARCHAR(255) NOT NULL, ${REFERENCE('entity_id')})`,
	'CREATE TABLE stats (name VARCHAR(255) PRIMARY KEY, value BLOB)',
	'CREATE TABLE logging (level INT NOT NULL, logger VARCHAR(255) NOT NULL, message MEDIUMTEXT NOT NULL, millis BIGINT NOT NULL, logRecord BLOB NOT NULL)',
	'CREATE TABLE `groups` (principal VARBINARY(255) NOT NULL, `groups` VARBINARY(255) NOT NULL)',
];

/** Old versions: the same columns with the version they belong to. */
const ARCHIVES = [
	`CREATE TABLE archive_entities (id ${ID}, description TEXT, role VARCHAR(16) NOT NULL, acl INT UNSIGNED,
		_iversion ${ID}, PRIMARY KEY (id, _iversion),
		FOREIGN KEY (id, _iversion) REFERENCES entity_version (entity_id, _iversion) ON DELETE CASCADE)`,
	`CREATE TABLE archive_files (file_id ${ID}, path VARCHAR(255) NOT NULL, size BIGINT UNSIGNED NOT NULL,
		hash BINARY(64), _iversion ${ID}, PRIMARY KEY (file_id, _iversion),
		FOREIGN KEY (file_id, _iversion) REFERENCES entity_version (entity_id, _iversion) ON DELETE CASCADE)`,
	`CREATE TABLE archive_isa (child ${ID}, child_iversion ${ID}, parent ${ID}, direct BOOL DEFAULT TRUE,
		KEY (child, child_iversion))`,
	`CREATE TABLE archive_query_template_def (id ${ID}, definition MEDIUMTEXT NOT NULL, _iversion ${ID},
		PRIMARY KEY (id, _iversion))`,
	`CREATE TABLE archive_reference_data (${TRIPLE}, value ${ID}, value_iversion INT UNSIGNED,
		status ${STATUS}, pidx INT UNSIGNED NOT NULL DEFAULT 0, _iversion ${ID}, ${TRIPLE_KEYS})`,
	`CREATE TABLE archive_data_type (${TRIPLE}, datatype ${ID}, _iversion ${ID}, ${TRIPLE_KEYS})`,
	`CREATE TABLE archive_collection_type (${TRIPLE}, collection VARCHAR(255) NOT NULL, _iversion ${ID}, ${TRIPLE_KEYS})`,
	`CREATE TABLE archive_name_overrides (${TRIPLE}, name VARCHAR(255), _iversion ${ID}, ${TRIPLE_KEYS})`,
	`CREATE TABLE archive_desc_overrides (${TRIPLE}, description TEXT, _iversion ${ID}, ${TRIPLE_KEYS})`,
];

/** Statements that make all tables, parents first. */
export function schemaStatements(): string[] {
	return [
		...BASE,
		...VALUE_TABLES.map((table) => valueTable(table, false)),
		...ARCHIVES,
		...VALUE_TABLES.map((table) => valueTable(table, true)),
	];
}
