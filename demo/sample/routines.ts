/*
 * Routines with the names, parameters and purposes of CaosDB's, written for the demo. Their parameters
 * say no character set: they take the database's default, so that a restore into a database with
 * another default fails or, worse, spoils them. The view, the trigger and the event are ours: CaosDB
 * has none.
 */
export const ROUTINES: readonly string[] = [
	`CREATE FUNCTION CaosDBVersion() RETURNS VARCHAR(255) DETERMINISTIC RETURN 'v5.0.0'`,
	`CREATE FUNCTION is_feature_config(_Key VARCHAR(255), Expected VARCHAR(255)) RETURNS BOOL READS SQL DATA
	BEGIN
		RETURN EXISTS (SELECT 1 FROM feature_config WHERE _key = _Key AND _value = Expected);
	END`,
	`CREATE FUNCTION get_head_version(EntityID INT UNSIGNED) RETURNS VARBINARY(255) READS SQL DATA
	RETURN (SELECT version FROM entity_version WHERE entity_id = EntityID ORDER BY _iversion DESC LIMIT 1)`,
	`CREATE FUNCTION get_iversion(EntityID INT UNSIGNED, Version VARBINARY(255)) RETURNS INT UNSIGNED READS SQL DATA
	RETURN (SELECT _iversion FROM entity_version e WHERE e.entity_id = EntityID AND e.version = Version)`,
	`CREATE FUNCTION ms(ps BIGINT) RETURNS DOUBLE NO SQL RETURN ps / 1000000000`,
	`CREATE FUNCTION convert_unit(Unit_sig BIGINT) RETURNS DECIMAL(65,30) READS SQL DATA
	BEGIN
		DECLARE Factor DECIMAL(65,30) DEFAULT 1;
		SELECT b_dividend / b_divisor INTO Factor FROM units_lin_con WHERE signature_from = Unit_sig;
		RETURN Factor;
	END`,
	`CREATE FUNCTION makeStmt(SourceSet VARCHAR(255), TargetSet VARCHAR(255), Data VARCHAR(20000), Properties VARCHAR(20000))
	RETURNS VARCHAR(20000) NO SQL
	RETURN CONCAT('INSERT IGNORE INTO \`', TargetSet, '\` (id) SELECT entity_id FROM ', Data, ' WHERE ', Properties)`,
	`CREATE PROCEDURE retrieveEntity(IN EntityID INT UNSIGNED)
	BEGIN
		SELECT e.id, e.role, e.description, n.value AS name FROM entities e
		LEFT JOIN name_data n ON n.entity_id = e.id AND n.property_id = 20 WHERE e.id = EntityID;
	END`,
	`CREATE PROCEDURE retrieveEntityParents(IN EntityID INT UNSIGNED)
	BEGIN
		SELECT parent FROM isa_cache WHERE child = EntityID AND rpath = CAST(child AS CHAR);
	END`,
	`CREATE PROCEDURE getFileIdByPath(IN FilePath VARCHAR(255))
	BEGIN
		SELECT file_id AS FileID FROM files WHERE path = FilePath LIMIT 1;
	END`,
	`CREATE PROCEDURE insertEntity(IN EntityName VARCHAR(255), IN EntityDesc TEXT, IN EntityRole VARCHAR(255), IN ACL INT UNSIGNED)
	BEGIN
		DECLARE NewID INT UNSIGNED DEFAULT NULL;
		INSERT INTO entities (description, role, acl) VALUES (EntityDesc, EntityRole, ACL);
		SET NewID = LAST_INSERT_ID();
		IF EntityName IS NOT NULL THEN
			INSERT INTO name_data (domain_id, entity_id, property_id, value) VALUES (0, NewID, 20, EntityName);
		END IF;
		SELECT NewID AS EntityID;
	END`,
	`CREATE PROCEDURE applyIDFilter(IN SourceSet VARCHAR(255), IN TargetSet VARCHAR(255), IN Filter VARCHAR(20000))
	BEGIN
		SET @statement = makeStmt(SourceSet, TargetSet, 'reference_data', Filter);
		SELECT @statement AS statement;
	END`,
	`CREATE PROCEDURE initAutoIncrement()
	BEGIN
		SELECT MAX(entity_id) + 1 INTO @ai FROM transaction_log;
		SET @statement = CONCAT('ALTER TABLE entities AUTO_INCREMENT = ', @ai);
		PREPARE s FROM @statement;
		EXECUTE s;
		DEALLOCATE PREPARE s;
	END`,
	`CREATE VIEW largest_files AS SELECT path, size FROM files ORDER BY size DESC LIMIT 10`,
	`CREATE TRIGGER no_negative_concentration BEFORE INSERT ON double_data FOR EACH ROW
	BEGIN
		IF NEW.value < 0 AND NEW.unit_sig = 1842017 THEN
			SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'A concentration cannot be negative; see "Laborbuch Ω"';
		END IF;
	END`,
	`CREATE EVENT forget_old_log ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 03:00:00' DISABLE
	DO DELETE FROM logging WHERE millis < (UNIX_TIMESTAMP() - 7776000) * 1000`,
];
