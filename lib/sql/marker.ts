/**
 * The table that stands in a database while a restore is under way, and stays when the restore was
 * killed: the next one recognises the remains by it. Part of the format, never to be renamed.
 */
export const MARKER_TABLE = '_n8n_caosdb_restore_unfinished';
