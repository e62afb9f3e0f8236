/**
 * Freshet's own tables, in schema {@code freshet} of the database it serves. Nothing in them is
 * precious but the definitions: everything else can be rebuilt from the sources.
 */
@NullMarked
package dev.freshet.engine.catalog;

import org.jspecify.annotations.NullMarked;
