package dev.freshet.engine.refresh;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport;
import java.util.Optional;

/** What a refresh did, and what its audit found if there was one. */
public record Outcome(RefreshReport report, Optional<AuditReport> audit) {}
