import { expect, test } from 'vitest';

test('scripts run on the Node.js that package.json pins, whatever the machine has', () => {
	expect(process.version).toMatch(/^v24\./);
});
