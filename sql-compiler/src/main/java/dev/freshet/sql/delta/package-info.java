/**
 * Differentiation: from a query tree to the tree of its change.
 *
 * <p>For every operator Q there is one rule, a pure function from tree to tree with {@code Q(new) =
 * Q(old) + ΔQ} (Budiu et al., "DBSP", VLDB 2023, section 4; Griffin and Libkin, "Incremental
 * Maintenance of Views with Duplicates", SIGMOD 1995). Its leaves are ΔR, R as the snapshot sees
 * it, and {@code R − ΔR}, the old state. All of them belong to one snapshot, so no term has to be
 * repaired afterwards.
 */
@NullMarked
package dev.freshet.sql.delta;

import org.jspecify.annotations.NullMarked;
