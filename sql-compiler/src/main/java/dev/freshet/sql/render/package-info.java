/**
 * The only place that turns operator trees into SQL text (manual, "SELECT", "MERGE").
 *
 * <p>A chain of operators that one SELECT can express becomes one SELECT; the planner would flatten
 * nested ones too, but planning time is a good part of a refresh of a millisecond. Everything added
 * to the user's own text is schema-qualified or chosen by type, never by {@code search_path}: see
 * {@link dev.freshet.sql.render.RowMatch}.
 */
@NullMarked
package dev.freshet.sql.render;

import org.jspecify.annotations.NullMarked;
