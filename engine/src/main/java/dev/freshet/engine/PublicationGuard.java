package dev.freshet.engine;

import dev.freshet.cdc.server.PublicationAdmin;
import dev.freshet.cdc.server.TableName;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.CapturedSources;
import dev.freshet.sql.FreshetCompiler;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the publication again where somebody dropped or renamed it, or says how.
 *
 * <p>It is made without tables: each stream table publishes its sources when it finds them missing.
 */
final class PublicationGuard {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationGuard.class);
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final FreshetConfig config;

  PublicationGuard(FreshetConfig config) {
    this.config = config;
  }

  /** The tables to be published, asked for only to say what is to be run. */
  @FunctionalInterface
  interface Sources {
    Collection<TableName> list() throws SQLException;
  }

  /**
   * Makes the publication if there is none.
   *
   * @return whether there was none
   * @throws FreshetException if it may not be made from here, with the statement to run
   */
  boolean secure(Connection connection, Sources sources) throws SQLException {
    PublicationAdmin admin = new PublicationAdmin(connection, config.cdc().publicationName());
    if (admin.describe().isPresent()) {
      return false;
    }
    String missing = "publication " + config.cdc().publicationName() + " does not exist";
    if (!config.cdc().managePublication()) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          missing + " (cdc.manage-publication is false)",
          "have the tables' owner run:\n" + admin.createSql(sources.list()) + ";");
    }
    try {
      admin.create(Set.of());
    } catch (SQLException e) {
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw FreshetException.of(
            Kind.MISSING_PRIVILEGE,
            "%s, and role %s may not create it".formatted(missing, config.database().user()),
            "have the database's owner run: GRANT CREATE ON DATABASE %s TO %s;"
                .formatted(
                    dev.freshet.sql.TableName.quote(config.database().name()),
                    dev.freshet.sql.TableName.quote(config.database().user())),
            e);
      }
      throw e;
    }
    LOG.warn("{}: it is made again", missing);
    return true;
  }

  /** What all stream tables read, as far as their queries can be analysed. */
  Collection<TableName> allSources(Connection connection, Catalog catalog, Capture capture)
      throws SQLException {
    Definitions definitions = new Definitions(config, new QueryAnalyzer(new FreshetCompiler()));
    Set<TableName> tables = new LinkedHashSet<>();
    for (StreamTable table : catalog.all(connection)) {
      try {
        CapturedSources.of(definitions.analyze(table), capture)
            .forEach(
                source ->
                    tables.add(
                        new TableName(
                            source.table().name().schema(), source.table().name().table())));
      } catch (FreshetException | SQLException e) {
        LOG.debug("sources of {} are not known: {}", table.name(), e.getMessage());
      }
    }
    return tables;
  }
}
