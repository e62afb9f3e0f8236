package dev.freshet.bench.contest;

import dev.freshet.engine.control.RefreshReport;
import java.util.Optional;

/**
 * One refresh.
 *
 * @param deltaRows as in {@link Outcome}
 * @param report of the engine; empty for materialized views
 */
public record TimedRefresh(double millis, long deltaRows, Optional<RefreshReport> report) {}
