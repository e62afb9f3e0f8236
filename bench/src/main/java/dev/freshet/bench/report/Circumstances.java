package dev.freshet.bench.report;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a figure is worth nothing without.
 *
 * @param server {@code embedded} or {@code own server}
 * @param settings server parameters that differ from PostgreSQL's defaults and matter for speed
 * @param warmUp cycles that were run and not counted
 * @param cycles cycles that were measured, in the benchmark's own meaning of a cycle
 */
public record Circumstances(
    Instant startedAt,
    Machine machine,
    String server,
    String postgres,
    Map<String, String> settings,
    long seed,
    int warmUp,
    int cycles,
    boolean quick) {

  public Circumstances {
    settings = Map.copyOf(settings);
  }

  /** In the order in which a person asks. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("started_at", startedAt.toString());
    map.put("cpu", machine.cpu());
    map.put("cores", machine.cores());
    map.put("memory_mb", machine.memoryMegabytes());
    map.put("os", machine.os());
    map.put("java", machine.java());
    map.put("server", server);
    map.put("postgresql", postgres);
    map.put("settings", new java.util.TreeMap<>(settings));
    map.put("seed", seed);
    map.put("warm_up", warmUp);
    map.put("cycles", cycles);
    map.put("quick", quick);
    return map;
  }

  /** One paragraph for people. */
  public String describe() {
    String parameters =
        new java.util.TreeMap<>(settings)
            .entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue())
                .reduce((a, b) -> a + ", " + b)
                .orElse("all default");
    return "%s, %d cores, %,d MB; %s; %s; PostgreSQL %s (%s); %s; seed %d; %d + %d cycles%s; %s."
        .formatted(
            machine.cpu(),
            machine.cores(),
            machine.memoryMegabytes(),
            machine.os(),
            machine.java(),
            postgres,
            server,
            parameters,
            seed,
            warmUp,
            cycles,
            quick ? " (quick)" : "",
            startedAt.toString().substring(0, 10));
  }
}
