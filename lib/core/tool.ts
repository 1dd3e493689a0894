import manifest from '../../package.json' with { type: 'json' };

/** Who made a file: written into dumps and manifests. */
export const TOOL = { name: manifest.name, version: manifest.version } as const;
