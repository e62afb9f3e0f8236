package dev.freshet.bench.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything a benchmark found.
 *
 * @param bench its name on the command line
 * @param summary what was measured, in a sentence or two
 * @param lines one object per measurement, for programs
 * @param notes how it was measured and what limits the figures
 * @param faults results that are wrong; a benchmark that has any has proved nothing
 */
public record BenchReport(
    String bench,
    String summary,
    Circumstances circumstances,
    List<Map<String, Object>> lines,
    List<TextTable> tables,
    List<Verdict> verdicts,
    List<String> notes,
    List<String> faults,
    Optional<BarChart> chart) {

  public BenchReport {
    lines = List.copyOf(lines);
    tables = List.copyOf(tables);
    verdicts = List.copyOf(verdicts);
    notes = List.copyOf(notes);
    faults = List.copyOf(faults);
  }

  /** Per target how many of its cells met it, as a table; empty where there is no target. */
  public Optional<TextTable> targetTable() {
    if (verdicts.isEmpty()) {
      return Optional.empty();
    }
    Map<String, List<Verdict>> byTarget = new TreeMap<>();
    for (Verdict verdict : verdicts) {
      byTarget.computeIfAbsent(verdict.target(), _ -> new java.util.ArrayList<>()).add(verdict);
    }
    List<List<String>> rows =
        byTarget.entrySet().stream()
            .map(
                entry -> {
                  long met = entry.getValue().stream().filter(Verdict::met).count();
                  int all = entry.getValue().size();
                  String misses =
                      entry.getValue().stream()
                          .filter(verdict -> !verdict.met())
                          .map(Verdict::toString)
                          .reduce((a, b) -> a + "; " + b)
                          .orElse("");
                  return List.of(
                      entry.getKey(), met == all ? "pass" : "miss", met + "/" + all, misses);
                })
            .toList();
    return Optional.of(
        TextTable.of("Targets", 4, List.of("target", "verdict", "cells", "missed"), rows));
  }

  /** The lines of the JSON file: circumstances, measurements, verdicts. */
  public List<Map<String, Object>> jsonLines() {
    List<Map<String, Object>> all = new java.util.ArrayList<>();
    Map<String, Object> first = new LinkedHashMap<>();
    first.put("bench", bench);
    first.put("circumstances", circumstances.toMap());
    all.add(first);
    all.addAll(lines);
    for (Verdict verdict : verdicts) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("bench", bench);
      line.put("target", verdict.target());
      line.put("cell", verdict.cell());
      line.put("quantity", verdict.quantity());
      line.put("value", Figures.rounded(verdict.value()));
      line.put("requirement", verdict.requirement());
      line.put("met", verdict.met());
      if (!verdict.remark().isEmpty()) {
        line.put("remark", verdict.remark());
      }
      all.add(line);
    }
    return all;
  }
}
