/**
 * PostgreSQL's view of a defining query: it is made a temporary view in a transaction that rolls
 * back, so that PostgreSQL itself rejects what is wrong, expands stars, resolves names and prints
 * the definition (manual, "System Catalogs": pg_rewrite, pg_depend, pg_attribute, pg_proc).
 */
@NullMarked
package dev.freshet.engine.analysis;

import org.jspecify.annotations.NullMarked;
