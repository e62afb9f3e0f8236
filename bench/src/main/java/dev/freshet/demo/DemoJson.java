package dev.freshet.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.engine.control.AuditReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The demo for programs: one object per second, one at the end. */
final class DemoJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private DemoJson() {}

  static String scene(Scene scene) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("seconds", scene.elapsedSeconds());
    line.put("transactions", scene.transactions());
    line.put("transactions_per_second", Figures.rounded(scene.transactionsPerSecond()));
    line.put("rows_per_second", Figures.rounded(scene.rowsPerSecond()));
    line.put("connect", scene.address().psql());
    List<Map<String, Object>> tables = new ArrayList<>();
    for (ShopStreamTable table : ShopStreamTable.ALL) {
      TableFigures figures = scene.figures().get(table.name());
      if (figures != null) {
        tables.add(table(table, figures));
      }
    }
    line.put("stream_tables", tables);
    return text(line);
  }

  private static Map<String, Object> table(ShopStreamTable table, TableFigures figures) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", table.name());
    object.put("schedule", table.schedule());
    object.put("rows", figures.rows());
    object.put("refreshes", figures.refreshes());
    object.put("changes_per_second", Figures.rounded(figures.changesPerSecond(System.nanoTime())));
    Optional<Samples> freshness = figures.freshness();
    freshness.ifPresent(
        samples -> {
          object.put("freshness_p50_ms", Figures.rounded(samples.median()));
          object.put("freshness_p95_ms", Figures.rounded(samples.p95()));
        });
    figures
        .last()
        .ifPresent(
            report -> {
              object.put("last_mode", report.mode().name());
              object.put("last_ms", Figures.rounded(report.milliseconds()));
            });
    return object;
  }

  static String audit(List<AuditReport> reports) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("audit", reports.stream().allMatch(AuditReport::equal) ? "ok" : "differences");
    line.put("equal", reports.stream().filter(AuditReport::equal).count());
    line.put("audited", reports.size());
    List<Map<String, Object>> tables = new ArrayList<>();
    for (AuditReport report : reports) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("name", report.name());
      object.put("equal", report.equal());
      object.put("rows", report.rows());
      object.put("snapshot", report.snapshot());
      report.error().ifPresent(error -> object.put("error", error));
      if (!report.differences().isEmpty()) {
        object.put("differences", report.differences());
      }
      tables.add(object);
    }
    line.put("stream_tables", tables);
    return text(line);
  }

  private static String text(Map<String, Object> line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not JSON: " + line, e);
    }
  }
}
