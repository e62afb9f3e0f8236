/**
 * Whether a server is ready for Freshet, and what makes it so.
 *
 * <p>{@link dev.freshet.engine.setup.Setup} looks at everything in one pass and reports all that is
 * missing at once, each with the SQL that a database administrator has to run; it creates only what
 * is Freshet's own: the schema {@code freshet}, the publication, the replication slot, in this
 * order. {@link dev.freshet.engine.setup.Doctor} examines a system at work.
 *
 * <p>Sources: PostgreSQL manual, "Logical Replication" → "Configuration Settings" and "Security",
 * "System Information Functions" ({@code has_table_privilege} and its kin).
 */
@NullMarked
package dev.freshet.engine.setup;

import org.jspecify.annotations.NullMarked;
