/** What the finding of changes has to know of an entity. */
export interface EntityHead {
	readonly id: string;
	/** Element name, e.g. `Record`; `Entity` when the server does not tell. */
	readonly role: string;
	readonly name: string | null;
	/** Of a File. */
	readonly path: string | null;
	readonly version: VersionMark;
	/** The version before, when there is one. */
	readonly before: VersionMark | null;
	/** The first one, when the whole history was asked for. */
	readonly first: VersionMark | null;
}

export interface VersionMark {
	readonly id: string;
	/** Milliseconds since 1970 by the server's clock. */
	readonly time: number;
	readonly username: string | null;
}

export interface QueryPage<Found> {
	/** Entities of the whole query. */
	readonly total: number;
	/** Another one after every change of the database; null when the server gives none. */
	readonly etag: string | null;
	/** When the server answered, by its clock: milliseconds since 1970. */
	readonly time: number;
	readonly found: readonly Found[];
}

export interface PageRange {
	readonly index: number;
	readonly length: number;
}

export interface ServerClock {
	/** Minutes of its local time east of UTC, as it is now. */
	readonly offset: number;
	/** e.g. `Europe/Berlin`; null when it does not say. */
	readonly zone: string | null;
}

/** What the finding of changes asks a server; all of it may be repeated. */
export interface ChangeServer {
	/** The zone in which it understands times without one. */
	clock(): Promise<ServerClock>;
	/** A page of a COUNT query, which finds nothing but a total. */
	count(query: string): Promise<QueryPage<never>>;
	/** A page of a FIND query. Throws `server_refused` when the server cannot read the query. */
	heads(query: string, range: PageRange): Promise<QueryPage<EntityHead>>;
	/** A page of a FIND or SELECT query; ids only, for there may be many. */
	ids(query: string, range: PageRange): Promise<QueryPage<string>>;
	/** Those that exist, in any order; with all their versions on request. */
	retrieve(ids: readonly string[], withHistory: boolean): Promise<readonly EntityHead[]>;
	/** Those of these ids that the server does not know any more. */
	missing(ids: readonly string[]): Promise<readonly string[]>;
}
