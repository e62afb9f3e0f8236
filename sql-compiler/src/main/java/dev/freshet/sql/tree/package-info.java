/**
 * Operator trees: what a query means, apart from how it was written.
 *
 * <p>An operator denotes a Z-set, a relation whose rows carry integer weights (Budiu et al.,
 * "DBSP", VLDB 2023). Query trees denote ordinary relations, every weight 1 per copy; delta trees
 * carry the weight in a column of its own. Columns are named by {@link
 * dev.freshet.sql.tree.ColumnRef}, unique in a tree, so that rules move operators without renaming
 * anything. Scalar expressions stay the text that PostgreSQL printed, with their column references
 * known: rules need no more.
 */
@NullMarked
package dev.freshet.sql.tree;

import org.jspecify.annotations.NullMarked;
