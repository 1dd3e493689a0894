/**
 * What a restore writes down in the databases that it makes, so that the next run knows what a killed one
 * was about. Part of the format. It belongs to this package, not to the content: it is in no dump, and
 * what a dump of another program says about it is not loaded.
 */
export const JOURNAL_TABLE = '_n8n_caosdb_journal';
