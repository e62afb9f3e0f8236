/**
 * When stream tables are refreshed: intervals, cron, continuously or by hand, on a bounded pool.
 */
@NullMarked
package dev.freshet.engine.schedule;

import org.jspecify.annotations.NullMarked;
