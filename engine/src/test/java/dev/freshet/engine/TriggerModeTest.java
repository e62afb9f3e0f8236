package dev.freshet.engine;

import dev.freshet.config.CdcMode;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** What is true of the log is true of triggers: the same tests. */
@CapturedBy(CdcMode.TRIGGER)
class TriggerModeTest {
  @Nested
  class FiveShapes extends FiveShapesTest {}

  @Nested
  class DeltaFilters extends DeltaFilterTest {}

  @Nested
  class RowChanges extends RowChangesTest {}

  @Nested
  class LateTransactions extends LateTransactionsTest {}

  @Nested
  @Tag("long")
  class Values extends ValuesTest {}

  @Nested
  @Tag("long")
  class Graphs extends GraphTest {}

  @Nested
  class Partitions extends PartitionsTest {}

  @Nested
  class LargeQueries extends LargeQueriesTest {}
}
