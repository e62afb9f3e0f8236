package dev.freshet.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** For programs: one object per event and failure, and one at the end. */
final class ChaosJson implements ChaosOutput {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;

  ChaosJson(PrintStream out) {
    this.out = out;
  }

  @Override
  public void say(String line) {}

  @Override
  public void begins(int number, Kind kind) {}

  @Override
  public void happened(Event event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", event.number());
    line.put("kind", event.kind().key());
    line.put("recovery_ms", event.recovery().toMillis());
    line.put("refilled", event.refilled());
    print(line);
  }

  @Override
  public void failed(String what) {
    print(Map.of("failure", what));
  }

  @Override
  public void ends(ChaosResult result) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("chaos", result.isClean() ? "ok" : "failed");
    line.put("seed", result.options().seed());
    line.put("postgresql", result.postgres());
    line.put("seconds", Figures.rounded(result.elapsed().toMillis() / 1000.0));
    line.put("events", result.events().size());
    line.put("audits", result.checks().audits());
    line.put("comparisons", result.checks().comparisons());
    line.put("mismatches", result.checks().mismatches());
    line.put("lost_or_doubled", result.checks().lost());
    line.put("transactions", result.traffic().committed());
    line.put("transactions_refused", result.traffic().refused());
    line.put("appends_acknowledged", result.traffic().acknowledged());
    line.put("witness_looks", result.checks().looks());
    line.put("engine_starts", result.starts());
    if (!result.events().isEmpty()) {
      Samples recovery = ChaosText.recovery(result.events());
      line.put("recovery_median_ms", Math.round(recovery.median() * 1000));
      line.put("recovery_longest_ms", Math.round(recovery.max() * 1000));
    }
    line.put("failures", result.failures());
    if (!result.isClean()) {
      line.put("again", ChaosText.again(result));
    }
    print(line);
  }

  private void print(Map<String, Object> line) {
    try {
      out.println(JSON.writeValueAsString(line));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not JSON: " + line, e);
    }
  }
}
