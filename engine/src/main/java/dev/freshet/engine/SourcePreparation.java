package dev.freshet.engine;

import dev.freshet.engine.analysis.Analysis;
import java.util.List;

/** Makes the sources of a query deliver what it needs: publication and replica identity. */
interface SourcePreparation {
  /**
   * Publishes the sources and sets replica identities, or checks them where the configuration says
   * that a DBA does it; then waits until every transaction has ended that may have written to a
   * source before it was published.
   *
   * @return what was changed, for the user
   * @throws FreshetException SERVER_NOT_READY with the exact SQL to run, MISSING_PRIVILEGE, BUSY
   */
  List<String> prepare(Analysis analysis) throws InterruptedException;

  /** Takes tables out of the publication that no stream table reads any more. */
  void retire(java.util.Collection<Integer> unusedRelations);
}
