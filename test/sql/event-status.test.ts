import { expect, test } from 'vitest';

import { withEventStatus } from '../../lib/sql/event-status.ts';

test.each([
	['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'ENABLE'],
	['CREATE EVENT `enable` ON SCHEDULE EVERY 1 DAY ENABLE DO SELECT 1', 'ENABLE'],
	[
		"CREATE EVENT e ON SCHEDULE AT (NOW()) ON COMPLETION PRESERVE DISABLE COMMENT 'DO' DO BEGIN END",
		'DISABLE',
	],
	['CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO SELECT 1', 'DISABLE ON SLAVE'],
	["CREATE EVENT e ON SCHEDULE EVERY 1 DAY COMMENT 'ENABLE' DO SET @a = 'DISABLE'", 'ENABLE'],
	[
		'/*!50106 CREATE*/ /*!50106 EVENT e ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1 */',
		'ENABLE',
	],
])('%s', (text, status) => {
	const sql = Buffer.from(text);
	const disabled = withEventStatus(sql, 'DISABLE');
	expect(disabled.was).toBe(status);
	const again = withEventStatus(disabled.sql, status);
	expect(again.was).toBe('DISABLE');
	expect(withEventStatus(again.sql, 'DISABLE').sql).toEqual(disabled.sql);
	// Nothing but the status changes.
	const words = (bytes: Buffer) =>
		bytes.toString().replace(/\b(ENABLE|DISABLE( ON SLAVE)?) (?=COMMENT|DO)/, '');
	expect(words(again.sql)).toBe(words(sql));
});
