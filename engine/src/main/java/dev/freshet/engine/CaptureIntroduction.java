package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.refresh.Maintained;
import java.sql.SQLException;
import java.util.Collection;
import javax.sql.DataSource;

/**
 * Installs another way of capturing changes beside the one that an engine uses, while it goes on to
 * refresh. What may take long, waiting for locks and for older transactions, is over when the
 * {@link Handover} begins; what cannot be done shows before anything is given up.
 */
final class CaptureIntroduction {
  private final DataSource connections;
  private final Catalog catalog;

  CaptureIntroduction(DataSource connections, Catalog catalog) {
    this.connections = connections;
    this.catalog = catalog;
  }

  /**
   * @param next with the other way
   * @param tables whose sources are prepared
   * @throws FreshetException with what is in the way; what was installed so far stays
   */
  void install(FreshetConfig next, Collection<Maintained> tables)
      throws SQLException, InterruptedException {
    SourcePreparation preparation = ChangeSources.introduce(next, connections, catalog);
    for (Maintained table : tables) {
      preparation.prepare(table.analysis());
    }
  }
}
