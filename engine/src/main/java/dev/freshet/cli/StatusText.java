package dev.freshet.cli;

import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.Place;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The state of an engine and its stream tables for people. */
final class StatusText {
  private StatusText() {}

  /** The engine in a few lines, then one line for each stream table. */
  static String of(EngineStatus status, Instant now, Styles styles) {
    StringBuilder text = new StringBuilder(engine(status, now, styles)).append('\n');
    if (status.streamTables().isEmpty()) {
      return text.append("No stream tables yet: freshet create NAME --query SQL\n").toString();
    }
    TextTable table =
        new TextTable()
            .text("STREAM TABLE")
            .text("CLASS")
            .text("STATE")
            .quantity("ROWS")
            .quantity("PENDING")
            .quantity("LAG")
            .quantity("BEHIND")
            .text("LAST REFRESH")
            .quantity("TOOK")
            .quantity("WRITTEN")
            .quantity("FRESHNESS")
            .text("WHEN");
    for (StreamTableStatus streamTable : status.streamTables()) {
      table
          .row(streamTable.name(), streamTable.refreshClass())
          .cell(streamTable.state(), colourOf(streamTable.state(), styles))
          .cell(known(status, Human.count(streamTable.rows())))
          .cell(known(status, Human.count(streamTable.pendingChanges())))
          .cell(known(status, Human.bytes(streamTable.lagBytes())))
          .cell(known(status, Human.milliseconds(streamTable.lagMilliseconds())));
      last(streamTable).ifPresent(report -> addRefresh(table, report, now, styles));
    }
    text.append(table.render(styles));
    for (StreamTableStatus streamTable : status.streamTables()) {
      if (!streamTable.stateReason().isEmpty()) {
        text.append('\n')
            .append(styles.strong(streamTable.name()))
            .append(": ")
            .append(streamTable.stateReason())
            .append('\n');
      }
    }
    return text.toString();
  }

  /** Only an engine that serves knows quantities; without one the catalog alone answers. */
  static String known(EngineStatus status, String quantity) {
    return status.running() && !status.source().equals("stopped") ? quantity : "";
  }

  private static String engine(EngineStatus status, Instant now, Styles styles) {
    if (!status.running()) {
      return styles.warning("No engine is running: freshet run starts one.")
          + "\n"
          + standbys(status.service())
          + incident(status.service(), now)
          + (status.slot().isEmpty()
              ? "changes are captured by triggers"
              : "slot " + status.slot() + ", publication " + status.publication())
          + (status.captureReason().isEmpty() ? "" : " (" + status.captureReason() + ")")
          + (status.confirmedLsn().isPresent()
              ? ", confirmed "
                  + status.confirmedLsn().get()
                  + ", "
                  + Human.bytes(status.lagBytes())
                  + " of log behind"
              : "")
          + "\n";
    }
    String since =
        status
            .startedAt()
            .map(start -> ", up " + Human.milliseconds(Duration.between(start, now).toMillis()))
            .orElse("");
    return "engine   freshet "
        + status.version()
        + since
        + "\n"
        + service(status.service(), now, styles)
        + pooler(status.service())
        + standbys(status.service())
        + incident(status.service(), now)
        + capture(status)
        + (status.slot().isEmpty() ? fromTriggers(status, styles) : fromLog(status, styles));
  }

  /** Nothing where it is simply as configured. */
  private static String capture(EngineStatus status) {
    return status.captureReason().isEmpty()
        ? ""
        : "capture  " + status.capture() + " (" + status.captureReason() + ")\n";
  }

  private static String fromTriggers(EngineStatus status, Styles styles) {
    return isStopped(status)
        ? ""
        : "source   "
            + source(status.source(), styles)
            + ", captured by triggers\n"
            + "buffer   "
            + Human.bytes(status.retainedBytes())
            + " in tables freshet.changes_…\n";
  }

  private static String fromLog(EngineStatus status, Styles styles) {
    return (isStopped(status) ? "" : source(status, styles))
        + "slot     "
        + status.slot()
        + status.confirmedLsn().map(lsn -> ", confirmed " + lsn).orElse("")
        + "; publication "
        + status.publication()
        + "\n"
        + (isStopped(status) ? "" : buffer(status, styles));
  }

  private static boolean isStopped(EngineStatus status) {
    return status.source().equals("stopped");
  }

  private static String source(EngineStatus status, Styles styles) {
    return "source   "
        + source(status.source(), styles)
        + status.receivedLsn().map(lsn -> ", received " + lsn).orElse("")
        + ", "
        + Human.bytes(status.lagBytes())
        + " behind\n";
  }

  private static String buffer(EngineStatus status, Styles styles) {
    return "buffer   "
        + Human.bytes(status.bufferedBytes())
        + " of "
        + Human.bytes(status.bufferLimitBytes())
        + staged(status.staged(), styles)
        + "\n";
  }

  private static String staged(EngineStatus.StagedChanges staged, Styles styles) {
    String amount =
        staged.bytes() == 0
            ? ""
            : "; staged %s, %s transactions"
                .formatted(Human.bytes(staged.bytes()), Human.count(staged.transactions()));
    String failure =
        staged
            .failure()
            .map(why -> "\n         " + styles.bad("cannot be staged: " + why))
            .orElse("");
    String givenUp =
        staged.givenUp() == 0
            ? ""
            : "\n         "
                + styles.warning(
                    "cdc.max-retained-wal was exceeded: %d refills".formatted(staged.givenUp()));
    return amount + failure + givenUp;
  }

  /** Nothing of one that serves. */
  private static String service(Service service, Instant now, Styles styles) {
    if (service.state().equals(Service.SERVING)) {
      return "";
    }
    String state =
        service.state()
            + " for "
            + Human.milliseconds(Duration.between(service.since(), now).toMillis());
    return "state    "
        + (service.state().equals(Service.WAITING) ? styles.bad(state) : styles.warning(state))
        + (service.cause().isEmpty() ? "" : ": " + service.cause())
        + "\n"
        + (service.remedy().isEmpty() ? "" : "to do    " + service.remedy() + "\n");
  }

  private static String pooler(Service service) {
    return service.pooler().isEmpty() ? "" : "pooler   " + service.pooler() + "\n";
  }

  private static String standbys(Service service) {
    return service.standbys().stream()
        .map(standby -> "standby  " + standby + "\n")
        .collect(Collectors.joining());
  }

  private static String incident(Service service, Instant now) {
    return service
        .lastIncident()
        .map(
            incident ->
                "healed   "
                    + Human.ago(incident.at(), now)
                    + ": "
                    + incident.cause()
                    + "; "
                    + incident.outcome()
                    + "\n")
        .orElse("");
  }

  private static String source(String source, Styles styles) {
    return source.equals("streaming")
        ? styles.good(source)
        : source.startsWith("failed") ? styles.bad(source) : styles.warning(source);
  }

  /** Everything about one stream table, its last refreshes included. */
  static String details(StreamTableStatus streamTable, Instant now, Styles styles) {
    StringBuilder text =
        new StringBuilder()
            .append(styles.strong(streamTable.name()))
            .append('\n')
            .append("  state     ")
            .append(colourOf(streamTable.state(), styles).apply(streamTable.state()))
            .append(streamTable.stateReason().isEmpty() ? "" : ": " + streamTable.stateReason())
            .append('\n')
            .append("  class     ")
            .append(streamTable.refreshClass())
            .append("; mode ")
            .append(streamTable.mode())
            .append("; schedule ")
            .append(streamTable.schedule())
            .append('\n')
            .append(place(streamTable))
            .append("  rows      ")
            .append(Human.count(streamTable.rows()))
            .append('\n')
            .append("  frontier  ")
            .append(streamTable.frontierLsn())
            .append(", snapshot ")
            .append(streamTable.frontierSnapshot())
            .append('\n')
            .append("  pending   ")
            .append(Human.count(streamTable.pendingChanges(), "change"))
            .append(" in ")
            .append(Human.count(streamTable.pendingTransactions(), "transaction"))
            .append("; ")
            .append(Human.bytes(streamTable.lagBytes()))
            .append(", ")
            .append(Human.milliseconds(streamTable.lagMilliseconds()))
            .append(" behind\n")
            .append("  query     ")
            .append(streamTable.query().strip().replace("\n", "\n            "))
            .append('\n');
    if (!streamTable.lastRefreshes().isEmpty()) {
      text.append('\n').append(history(streamTable.lastRefreshes(), now, styles));
    }
    return text.toString();
  }

  /** Nothing about one that is alone. */
  private static String place(StreamTableStatus streamTable) {
    Place place = streamTable.place();
    if (place.upstreams().isEmpty() && place.dependents().isEmpty()) {
      return "";
    }
    return "  graph     "
        + place.graph()
        + ", level "
        + place.level()
        + "; refreshed "
        + (place.cadence().isEmpty() ? "by hand" : String.join(", ", place.cadence()))
        + (place.upstreams().isEmpty() ? "" : "; reads " + String.join(", ", place.upstreams()))
        + (place.dependents().isEmpty() ? "" : "; read by " + String.join(", ", place.dependents()))
        + "\n";
  }

  private static String history(List<RefreshReport> refreshes, Instant now, Styles styles) {
    TextTable table =
        new TextTable()
            .text("LAST REFRESH")
            .quantity("TOOK")
            .quantity("WRITTEN")
            .quantity("FRESHNESS")
            .text("WHEN")
            .quantity("CHANGES")
            .quantity("DELTA")
            .quantity("EXPECTED")
            .text("REASON");
    for (RefreshReport report : refreshes) {
      table.row();
      addRefresh(table, report, now, styles);
      table
          .cell(Human.count(report.changes()))
          .cell(Human.count(report.deltaRows()))
          .cell(report.expectedMilliseconds().map(Human::milliseconds).orElse(""))
          .cell(report.error().orElse(report.reason()));
    }
    return table.render(styles);
  }

  /** The cells LAST REFRESH, TOOK, WRITTEN, FRESHNESS, WHEN. */
  private static void addRefresh(
      TextTable table, RefreshReport report, Instant now, Styles styles) {
    table
        .cell(ReplyText.mode(report.mode()), ReplyText.colourOf(report.mode(), styles))
        .cell(Human.milliseconds(report.milliseconds()))
        .cell(Human.count(report.rowsWritten()))
        .cell(report.freshness().map(Human::milliseconds).orElse(""))
        .cell(Human.ago(report.startedAt(), now));
  }

  private static Optional<RefreshReport> last(StreamTableStatus streamTable) {
    return streamTable.lastRefreshes().stream().findFirst();
  }

  static UnaryOperator<String> colourOf(String state, Styles styles) {
    return switch (state) {
      case "active" -> styles::good;
      case "failed" -> styles::bad;
      case String _ -> styles::warning;
    };
  }
}
