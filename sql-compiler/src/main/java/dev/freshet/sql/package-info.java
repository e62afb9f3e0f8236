/**
 * From a defining query to the SQL that maintains it.
 *
 * <pre>
 * definition text ──parse──► operator tree ──differentiate──► delta tree ──render──► MERGE
 *  (pg_get_viewdef)            (records)       (one rule per        (templates)
 *                                               operator)
 * </pre>
 *
 * <p>The algebra is that of Z-sets: relations whose rows carry signed integer weights (Budiu et
 * al., "DBSP: Automatic Incremental View Maintenance for Rich Query Languages", VLDB 2023; Gupta
 * and Mumick, "Maintenance of Materialized Views", 1995). PostgreSQL analyses and prints the query
 * first (manual, "System Information Functions", {@code pg_get_viewdef}); this package never opens
 * a connection, it asks through {@link dev.freshet.sql.Postgres}.
 *
 * <p>Deny by default: what is not modelled is maintained by full refresh, with the reason; it is
 * never dropped silently.
 */
@NullMarked
package dev.freshet.sql;

import org.jspecify.annotations.NullMarked;
