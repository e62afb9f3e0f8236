package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Lsn;
import dev.freshet.engine.refresh.Filler.Company;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The transaction in which a table is filled: one of its own, or that of the stream tables which
 * its query reads.
 */
final class FillTransaction {
  /** What was filled: whose rows, how many, and at which cut. */
  record Filled(long id, long rows, Cut cut) {}

  private final ChangeSource source;
  private final CoveringSnapshot covering;

  FillTransaction(DataSource connections, ChangeSource source) {
    this.source = source;
    this.covering = new CoveringSnapshot(connections, source);
  }

  Filled run(
      DeltaConsumer consumer,
      Opening opening,
      Optional<Company> company,
      CoveringSnapshot.Work<Filled> work)
      throws SQLException, InterruptedException {
    return company.isPresent()
        ? inCompany(
            consumer,
            opening,
            company.get(),
            (connection, cut) -> {
              opening.pin(connection);
              return work.at(connection, cut);
            })
        : covering.run(consumer, opening, work);
  }

  private Filled inCompany(
      DeltaConsumer consumer, Opening opening, Company company, CoveringSnapshot.Work<Filled> work)
      throws SQLException, InterruptedException {
    var visit = new Visit(consumer, work);
    company
        .after()
        .accept(
            company
                .refresher()
                .refresh(
                    company.group(),
                    Optional.of(
                        new GroupRefresher.Guest(
                            opening, company.upstreams(), company.replaced(), visit)),
                    company.patience()));
    return visit.filled.orElseThrow();
  }

  private final class Visit implements GroupRefresher.Guest.Work {
    private final DeltaConsumer consumer;
    private final CoveringSnapshot.Work<Filled> work;
    private Optional<Filled> filled = Optional.empty();

    Visit(DeltaConsumer consumer, CoveringSnapshot.Work<Filled> work) {
      this.consumer = consumer;
      this.work = work;
    }

    @Override
    public void at(Connection connection, Cut cut) throws SQLException, InterruptedException {
      if (!source.coversAll(consumer, cut.snapshot())) {
        throw new SnapshotTooOldException();
      }
      filled = Optional.of(work.at(connection, cut));
    }

    @Override
    public void committed(Lsn position) {
      consumer.advance(filled.orElseThrow().cut().snapshot(), position);
    }
  }
}
