/**
 * Files of SQL as people keep them: cut into statements the way {@code psql} cuts them (PostgreSQL
 * 18, {@code src/fe_utils/psqlscan.l}), each told apart by what it is for.
 *
 * <p>Nothing here understands SQL beyond its tokens. What a statement means, PostgreSQL says.
 */
@NullMarked
package dev.freshet.engine.script;

import org.jspecify.annotations.NullMarked;
