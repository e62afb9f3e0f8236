package dev.freshet.engine;

import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.config.CdcConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.CapturedSources;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts triggers on sources, has them write the columns that queries need, and takes them off. */
final class ManagedTriggers implements SourcePreparation {
  private static final Logger LOG = LoggerFactory.getLogger(ManagedTriggers.class);
  private static final int ATTEMPTS = 20;
  private static final Duration OLDER_TRANSACTIONS = Duration.ofMinutes(5);

  private final CdcConfig cdc;
  private final DataSource connections;
  private final Capture capture;

  ManagedTriggers(CdcConfig cdc, DataSource connections, Capture capture) {
    this.cdc = cdc;
    this.connections = connections;
    this.capture = capture;
  }

  @Override
  public List<String> prepare(Analysis analysis) throws InterruptedException {
    Map<Integer, Set<String>> needed = CapturedSources.columns(analysis, capture);
    if (needed.isEmpty()) {
      return List.of();
    }
    try (Connection connection = connections.getConnection()) {
      List<String> changes = new ArrayList<>();
      for (Map.Entry<Integer, Set<String>> source : needed.entrySet()) {
        changes.addAll(install(connection, source.getKey(), source.getValue()));
      }
      return changes;
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "prepare the sources of the stream table");
    }
  }

  private List<String> install(Connection connection, int relation, Set<String> columns)
      throws SQLException, InterruptedException {
    TriggerAdmin admin = new TriggerAdmin(connection);
    TriggerAdmin.Outcome outcome;
    try {
      outcome = admin.install(relation, columns, cdc.replicaIdentityLockTimeout(), ATTEMPTS);
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw notOwner(admin, relation, e);
      }
      throw e;
    }
    return switch (outcome) {
      case TriggerAdmin.Outcome.Unchanged _ -> List.of();
      case TriggerAdmin.Outcome.Gone _ ->
          throw FreshetException.of(
              Kind.BUSY, "a source was dropped while triggers were put on it", "try again");
      case TriggerAdmin.Outcome.Locked(var table) ->
          throw FreshetException.of(
              Kind.BUSY,
              "cannot put triggers on " + table + ": transactions keep it locked",
              "end those transactions, or run in a quiet moment");
      case TriggerAdmin.Outcome.Installed(var changes) -> {
        changes.forEach(change -> LOG.info("{}", change));
        awaitOlder(admin, relation);
        yield changes;
      }
    };
  }

  /** What those write that still call the old function may lack a column. */
  private static void awaitOlder(TriggerAdmin admin, int relation)
      throws SQLException, InterruptedException {
    Optional<String> holder = admin.await(relation, OLDER_TRANSACTIONS);
    if (holder.isPresent()) {
      throw FreshetException.of(
          Kind.BUSY,
          "a transaction that may have written to a source before its triggers were changed is"
              + " still open: "
              + holder.get(),
          "end it and run the command again");
    }
  }

  private static FreshetException notOwner(TriggerAdmin admin, int relation, SQLException cause)
      throws SQLException {
    return FreshetException.of(
        Kind.MISSING_PRIVILEGE,
        "only the owner of a table can put triggers on it that always fire: " + cause.getMessage(),
        "let Freshet's role act as the owner: GRANT <owner of the source> TO <freshet's role>;\n"
            + "what it would run:\n"
            + String.join(";\n", admin.sql(relation))
            + ";");
  }

  @Override
  public void retire(Collection<Integer> unusedRelations) {
    try (Connection connection = connections.getConnection()) {
      TriggerAdmin admin = new TriggerAdmin(connection);
      for (Integer relation : unusedRelations) {
        if (!admin.remove(relation, cdc.replicaIdentityLockTimeout())) {
          LOG.warn(
              "the triggers of a table that is not read any more stay: it is locked (oid {})",
              Integer.toUnsignedString(relation));
        }
      }
    } catch (SQLException e) {
      LOG.warn("cannot take triggers off unused tables: {}", e.getMessage());
    }
  }
}
