import { NO_PROGRESS } from '../../lib/core/index.ts';
import { SessionHttp } from '../../lib/entity/index.ts';
import { JOBS } from '../../lib/job/index.ts';
import { PlainHttp, plainPorts } from '../../lib/standalone/index.ts';

/* An import in a process of its own, to be killed: address of the server, user, password, folder. */

const [url = '', user = '', password = '', folder = ''] = process.argv.slice(2);
const http = new SessionHttp(new PlainHttp({ baseUrl: url }), { kind: 'password', user, password });
const place = { path: folder, displayPath: folder };

await JOBS.xmlImport(
	{
		source: { kind: 'file', folder: place, fileName: 'caosdb_data.xml' },
		...{ pair: { source: 'a', target: 'b' }, maps: place, isDryRun: false, list: 'none' },
		rules: { batchSize: 3, parallel: 2 },
	},
	{
		...{ ports: { ...plainPorts({ binaryFolder: folder }), http }, progress: NO_PROGRESS },
		signal: new AbortController().signal,
	},
);
