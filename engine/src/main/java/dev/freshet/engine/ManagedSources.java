package dev.freshet.engine;

import dev.freshet.cdc.server.Finding;
import dev.freshet.cdc.server.OlderTransactions;
import dev.freshet.cdc.server.PublicationAdmin;
import dev.freshet.cdc.server.PublicationAdmin.Member;
import dev.freshet.cdc.server.PublicationAdmin.Publication;
import dev.freshet.cdc.server.ReplicaIdentityAdmin;
import dev.freshet.cdc.server.TableName;
import dev.freshet.config.CdcConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.CapturedSources;
import dev.freshet.engine.refresh.CapturedSources.Captured;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manages publication membership and replica identity of sources, or only checks them and prints
 * the SQL, as the configuration says.
 *
 * <p>Replica identity comes before publication: a table without a usable one refuses UPDATE and
 * DELETE from the moment it is published.
 */
final class ManagedSources implements SourcePreparation {
  private static final Logger LOG = LoggerFactory.getLogger(ManagedSources.class);
  private static final int IDENTITY_ATTEMPTS = 10;
  private static final Duration QUICK_LOCK = Duration.ofMillis(100);
  private static final Duration OLDER_TRANSACTIONS = Duration.ofMinutes(5);

  private final CdcConfig cdc;
  private final PublicationGuard guard;
  private final DataSource connections;
  private final Capture capture;

  ManagedSources(FreshetConfig config, DataSource connections, Capture capture) {
    this.cdc = config.cdc();
    this.guard = new PublicationGuard(config);
    this.connections = connections;
    this.capture = capture;
  }

  @Override
  public List<String> prepare(Analysis analysis) throws InterruptedException {
    List<Captured> sources = CapturedSources.of(analysis, capture);
    if (sources.isEmpty()) {
      return List.of();
    }
    try (Connection connection = connections.getConnection()) {
      List<String> changes = new ArrayList<>();
      for (Captured source : sources) {
        changes.addAll(identity(connection, source));
      }
      changes.addAll(publish(connection, sources));
      if (!changes.isEmpty()) {
        waitForOlderTransactions(connection, sources);
      }
      return changes;
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "prepare the sources of the stream table");
    }
  }

  private static TableName name(Captured source) {
    return new TableName(source.table().name().schema(), source.table().name().table());
  }

  private List<String> identity(Connection connection, Captured source)
      throws SQLException, InterruptedException {
    ReplicaIdentityAdmin admin = new ReplicaIdentityAdmin(connection);
    int oid = source.table().oid();
    List<Finding> findings =
        source.needsOldValues()
            ? admin.checkFull(oid)
            : admin.checkKey(oid, source.table().primaryKey());
    if (findings.isEmpty()) {
      return List.of();
    }
    if (!cdc.manageReplicaIdentity()) {
      throw unprepared(findings, "cdc.manage-replica-identity is false");
    }
    return switch (admin.setFull(oid, cdc.replicaIdentityLockTimeout(), IDENTITY_ATTEMPTS)) {
      case ReplicaIdentityAdmin.Outcome.Done(var changed) -> {
        changed.forEach(table -> LOG.info("set REPLICA IDENTITY FULL on {}", table));
        yield changed.stream()
            .map(table -> "set REPLICA IDENTITY FULL on " + table + ": the query needs old values")
            .toList();
      }
      case ReplicaIdentityAdmin.Outcome.Locked(var table, var holders) ->
          throw FreshetException.of(
              Kind.BUSY,
              "cannot set REPLICA IDENTITY FULL on %s: it stays locked by server process %s"
                  .formatted(
                      table,
                      holders.stream().map(String::valueOf).collect(Collectors.joining(", "))),
              "end those transactions, or run in a quiet moment: "
                  + ReplicaIdentityAdmin.fullSql(table));
    };
  }

  private List<String> publish(Connection connection, List<Captured> sources) throws SQLException {
    PublicationAdmin admin = new PublicationAdmin(connection, cdc.publicationName());
    Map<Integer, TableName> needed = new LinkedHashMap<>();
    sources.forEach(source -> needed.put(source.table().oid(), name(source)));
    guard.secure(connection, needed::values);
    Publication publication = admin.describe().orElseThrow();
    if (!cdc.managePublication()) {
      List<Finding> findings = admin.check(needed);
      if (!findings.isEmpty()) {
        throw unprepared(findings, "cdc.manage-publication is false");
      }
      return List.of();
    }
    List<TableName> missing =
        publication.allTables()
            ? List.of()
            : needed.entrySet().stream()
                .filter(entry -> !publication.tables().containsKey(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    if (!missing.isEmpty()) {
      admin.add(missing);
      LOG.info("published {} through {}", missing, cdc.publicationName());
    }
    List<Finding> findings = admin.check(needed);
    if (!findings.isEmpty()) {
      throw unprepared(findings, "somebody altered the publication");
    }
    return missing.stream().map(table -> "published " + table).toList();
  }

  private static FreshetException unprepared(List<Finding> findings, String why) {
    return FreshetException.of(
        Kind.SERVER_NOT_READY,
        findings.stream().map(Finding::problem).collect(Collectors.joining("; "))
            + " ("
            + why
            + ")",
        findings.stream()
            .flatMap(finding -> finding.remedy().stream())
            .collect(Collectors.joining("\n", "have the tables' owner run:\n", "")));
  }

  /** What older transactions wrote before the table was published is never sent. */
  private static void waitForOlderTransactions(Connection connection, List<Captured> sources)
      throws SQLException, InterruptedException {
    OlderTransactions older = OlderTransactions.runningNow(connection);
    if (older.haveEnded() || lockOut(connection, sources)) {
      return;
    }
    Optional<OlderTransactions.Holder> holder = older.await(OLDER_TRANSACTIONS);
    if (holder.isPresent()) {
      throw FreshetException.of(
          Kind.BUSY,
          "a transaction that may have written to a source before it was published is still open: "
              + holder.get().description(),
          "end it and run the command again");
    }
  }

  private static boolean lockOut(Connection connection, List<Captured> sources)
      throws SQLException {
    try {
      return OlderTransactions.lockOut(
          connection, sources.stream().map(ManagedSources::name).toList(), QUICK_LOCK);
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void retire(Collection<Integer> unusedRelations) {
    if (!cdc.managePublication() || unusedRelations.isEmpty()) {
      return;
    }
    try (Connection connection = connections.getConnection()) {
      PublicationAdmin admin = new PublicationAdmin(connection, cdc.publicationName());
      List<TableName> members =
          admin.describe().filter(found -> !found.allTables()).stream()
              .flatMap(found -> found.tables().values().stream())
              .filter(member -> unusedRelations.contains(member.oid()))
              .map(Member::name)
              .toList();
      if (!members.isEmpty()) {
        admin.drop(members);
        LOG.info("no longer published: {}", members);
      }
    } catch (SQLException e) {
      LOG.warn("cannot take unused tables out of the publication: {}", e.getMessage());
    }
  }
}
