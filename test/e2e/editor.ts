import { type Browser, type Page, selectors } from 'playwright-core';

import { openChromium } from './chromium.ts';
import type { N8nInstance } from './n8n-instance.ts';

/** n8n's editor as its owner sees it. */
export interface Editor {
	/** Opens a workflow and fits it into view. */
	openWorkflow(id: string): Promise<Page>;
	/** Opens the panel of a node of the open workflow; the text of the panel. */
	openNode(name: string): Promise<string>;
	readonly page: Page;
	close(): Promise<void>;
}

const VIEW = { width: 1440, height: 900 };

async function logIn(browser: Browser, { url, cookie }: N8nInstance): Promise<Page> {
	const context = await browser.newContext({ viewport: VIEW, locale: 'en-US' });
	const [name = '', value = ''] = cookie.split(/=(.*)/s);
	await context.addCookies([{ name, value, url }]);
	// The session is bound to the browser that logged in.
	await context.addInitScript(() => localStorage.setItem('n8n-browserId', 'n8n-nodes-caosdb'));
	return await context.newPage();
}

/** Opens the editor of a running n8n. */
export async function openEditor(n8n: N8nInstance): Promise<Editor> {
	// n8n marks its elements so, with a second hyphen.
	selectors.setTestIdAttribute('data-test-id');
	const browser = await openChromium();
	const page = await logIn(browser, n8n);
	const panel = page.getByTestId('ndv');
	await page.goto(`${n8n.url}/home/workflows`);
	return {
		page,
		openWorkflow: async (id) => {
			await page.goto(`${n8n.url}/workflow/${id}`);
			await page.getByTestId('canvas-node').first().waitFor({ timeout: 60_000 });
			await page.keyboard.press('1');
			return page;
		},
		openNode: async (name) => {
			await page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
			await panel.waitFor();
			return await panel.innerText();
		},
		close: async () => await browser.close(),
	};
}
