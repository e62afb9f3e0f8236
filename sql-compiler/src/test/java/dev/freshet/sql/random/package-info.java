/**
 * Random schemas, queries and changes, and how a case that fails is made small.
 *
 * <p>The oracle of a stream table is its own query, so a generated query must have one result: what
 * its plan could decide (the order of rows that tie, which of several equal values a group shows,
 * the order in which floating-point numbers are added) is excluded by construction, and the runner
 * checks it by evaluating each query with different plans. Expressions are typed and never fail, so
 * that nearly all queries are accepted. The idea of testing a database by queries whose results
 * must agree is that of RAGS (Slutz, "Massive Stochastic Testing of SQL", VLDB 1998) and SQLancer
 * (Rigger and Su, OSDI 2020).
 */
@NullMarked
package dev.freshet.sql.random;

import org.jspecify.annotations.NullMarked;
