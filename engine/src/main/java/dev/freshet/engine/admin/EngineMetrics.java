package dev.freshet.engine.admin;

import dev.freshet.engine.EngineListener;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Service;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The engine's measurements. Refreshes are counted as they happen; states are read from one {@link
 * EngineStatus} for each scrape, so that all gauges of a scrape belong together.
 *
 * <p>Everything about a stream table bears the label {@code stream_table}; its series end with it.
 */
public final class EngineMetrics implements EngineListener, AutoCloseable {
  private static final String STREAM_TABLE = "stream_table";
  private static final List<String> STATES = List.of("active", "paused", "failed", "waiting");
  private static final List<String> SERVICE_STATES =
      List.of(Service.SERVING, Service.ATTACHING, Service.WAITING, Service.STANDING_BY);
  private static final List<String> SOURCE_STATES =
      List.of("streaming", "reconnecting", "failed", "stopped");
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final Supplier<EngineStatus> statusSource;
  private final List<StreamTableGauge> streamTableGauges;
  private final MultiGauge states;
  private final MultiGauge infos;
  private volatile EngineStatus status;

  private record StreamTableGauge(MultiGauge gauge, ToDoubleFunction<StreamTableStatus> value) {
    void update(List<StreamTableStatus> streamTables) {
      gauge.register(
          streamTables.stream()
              .<Row<?>>map(
                  streamTable ->
                      Row.of(
                          Tags.of(STREAM_TABLE, streamTable.name()),
                          () -> value.applyAsDouble(streamTable)))
              .toList(),
          true);
    }
  }

  /**
   * @param status the engine's state, asked for once for each scrape
   */
  public EngineMetrics(Supplier<EngineStatus> status) {
    this.statusSource = status;
    this.status = status.get();
    registerEngine();
    this.streamTableGauges =
        List.of(
            streamTableGauge(
                "freshet.stream.table.lag.bytes",
                "Log between the frontier and what was received; 0 when nothing is pending",
                StreamTableStatus::lagBytes),
            streamTableGauge(
                "freshet.stream.table.lag.seconds",
                "Age of the oldest pending change; 0 when nothing is pending",
                streamTable -> streamTable.lagMilliseconds() / 1000),
            streamTableGauge(
                "freshet.stream.table.pending.changes",
                "Row changes received that the frontier does not see",
                StreamTableStatus::pendingChanges),
            streamTableGauge(
                "freshet.stream.table.pending.transactions",
                "Transactions received that the frontier does not see",
                StreamTableStatus::pendingTransactions),
            streamTableGauge(
                "freshet.stream.table.level",
                "How many stream tables changes pass before this one; 0 for most",
                streamTable -> streamTable.place().level()),
            streamTableGauge(
                "freshet.stream.table.rows", "Rows of the stream table", StreamTableStatus::rows));
    this.states =
        MultiGauge.builder("freshet.stream.table.state")
            .description("1 for the state that the stream table is in")
            .register(registry);
    this.infos =
        MultiGauge.builder("freshet.stream.table.info")
            .description("Always 1; class, mode, schedule and graph as labels")
            .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  private void registerEngine() {
    Gauge.builder("freshet.build.info", () -> 1)
        .description("Always 1; the version as a label")
        .tag("version", status.version())
        .register(registry);
    Gauge.builder("freshet.source.lag.bytes", () -> status.lagBytes())
        .description("Log between the server's insert position and what was received")
        .register(registry);
    Gauge.builder("freshet.slot.retained.bytes", () -> status.retainedBytes())
        .description(
            "Log that the server keeps for the replication slot; with triggers, captured changes")
        .register(registry);
    Gauge.builder("freshet.buffer.bytes", () -> status.bufferedBytes())
        .description("Memory held by the change buffer")
        .register(registry);
    Gauge.builder("freshet.buffer.limit.bytes", () -> status.bufferLimitBytes())
        .description("Bound of the change buffer's memory")
        .register(registry);
    Gauge.builder("freshet.staged.bytes", () -> status.staged().bytes())
        .description("Changes that wait in staging tables")
        .register(registry);
    Gauge.builder("freshet.staged.transactions", () -> status.staged().transactions())
        .description("Transactions that wait in staging tables, once for each relation")
        .register(registry);
    Gauge.builder("freshet.staging.failing", () -> status.staged().failure().isPresent() ? 1 : 0)
        .description("1 while changes cannot be staged")
        .register(registry);
    FunctionCounter.builder("freshet.retained.wal.exceeded", this, _ -> status.staged().givenUp())
        .description("Refills of stream tables that held back more log than cdc.max-retained-wal")
        .register(registry);
    for (String state : SERVICE_STATES) {
      Gauge.builder("freshet.engine.state", () -> status.service().state().equals(state) ? 1 : 0)
          .description("1 for what the engine does: serving, attaching, waiting, standing by")
          .tag("state", state)
          .register(registry);
    }
    FunctionCounter.builder(
            "freshet.engine.reattachments", this, it -> it.status.service().reattachments())
        .description("Times that the engine attached anew: slot lost, failover, …")
        .register(registry);
    TimeGauge.builder(
            "freshet.engine.last.incident",
            () ->
                status
                    .service()
                    .lastIncident()
                    .map(incident -> incident.at().getEpochSecond())
                    .orElse(0L),
            TimeUnit.SECONDS)
        .description("When something befell the slot or the server, since 1970; 0 for never")
        .register(registry);
    Gauge.builder("freshet.engine.standbys", () -> status.service().standbys().size())
        .description("Engines that stand by")
        .register(registry);
    for (String state : SOURCE_STATES) {
      Gauge.builder("freshet.source.state", () -> status.source().startsWith(state) ? 1 : 0)
          .description("1 for the state that the change stream is in")
          .tag("state", state)
          .register(registry);
    }
  }

  private StreamTableGauge streamTableGauge(
      String name, String description, ToDoubleFunction<StreamTableStatus> value) {
    MultiGauge gauge = MultiGauge.builder(name).description(description).register(registry);
    return new StreamTableGauge(gauge, value);
  }

  @Override
  public void refreshed(RefreshReport report) {
    Tags tags =
        Tags.of(STREAM_TABLE, report.name(), "mode", report.mode().name().toLowerCase(Locale.ROOT));
    Timer.builder("freshet.refresh.duration")
        .description("From the call to the commit of a refresh")
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(nanoseconds(report.milliseconds()));
    add("freshet.refresh.changes", "Row changes of the sources consumed", tags, report.changes());
    add("freshet.refresh.delta.rows", "Rows shipped to the server", tags, report.deltaRows());
    add("freshet.refresh.rows.written", "Rows written to the table", tags, report.rowsWritten());
    report
        .freshness()
        .ifPresent(
            freshness ->
                Timer.builder("freshet.freshness")
                    .description("From the oldest consumed commit's arrival to the commit")
                    .tags(STREAM_TABLE, report.name())
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry)
                    .record(nanoseconds(freshness)));
    report
        .phases()
        .forEach(
            (phase, milliseconds) ->
                Timer.builder("freshet.refresh.phase")
                    .description("Time of refreshes by phase")
                    .tags(STREAM_TABLE, report.name(), "phase", phase)
                    .register(registry)
                    .record(nanoseconds(milliseconds)));
  }

  private void add(String name, String description, Tags tags, long amount) {
    Counter.builder(name).description(description).tags(tags).register(registry).increment(amount);
  }

  private static Duration nanoseconds(double milliseconds) {
    return Duration.ofNanos(Math.round(milliseconds * 1_000_000));
  }

  /** All measurements in Prometheus' text format. */
  public synchronized String scrape() {
    EngineStatus current = statusSource.get();
    status = current;
    List<StreamTableStatus> streamTables = current.streamTables();
    streamTableGauges.forEach(gauge -> gauge.update(streamTables));
    states.register(
        streamTables.stream().flatMap(streamTable -> stateRows(streamTable).stream()).toList(),
        true);
    infos.register(streamTables.stream().<Row<?>>map(EngineMetrics::infoRow).toList(), true);
    removeAllBut(streamTables.stream().map(StreamTableStatus::name).collect(Collectors.toSet()));
    return registry.scrape();
  }

  private static List<Row<?>> stateRows(StreamTableStatus streamTable) {
    return STATES.stream()
        .<Row<?>>map(
            state ->
                Row.of(
                    Tags.of(STREAM_TABLE, streamTable.name(), "state", state),
                    state.equals(streamTable.state()) ? 1 : 0))
        .toList();
  }

  private static Row<?> infoRow(StreamTableStatus streamTable) {
    return Row.of(
        Tags.of(
            STREAM_TABLE,
            streamTable.name(),
            "class",
            streamTable.refreshClass(),
            "mode",
            streamTable.mode(),
            "schedule",
            streamTable.schedule(),
            "graph",
            streamTable.place().graph()),
        1);
  }

  /** Ends the series of stream tables that were dropped. */
  private void removeAllBut(Set<String> living) {
    for (Meter meter : registry.getMeters()) {
      String name = meter.getId().getTag(STREAM_TABLE);
      if (name != null && !living.contains(name)) {
        registry.remove(meter);
      }
    }
  }

  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }
}
