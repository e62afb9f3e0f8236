package dev.freshet.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
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
      byTarget.computeIfAbsent(verdict.target(), _ -> new ArrayList<>()).add(verdict);
    }
    List<List<String>> rows = new ArrayList<>();
    byTarget.forEach(
        (target, all) -> {
          long met = all.stream().filter(Verdict::met).count();
          rows.add(List.of(target, met == all.size() ? "pass" : "miss", met + "/" + all.size()));
        });
    return Optional.of(TextTable.of("Targets", 2, List.of("target", "verdict", "cells"), rows));
  }

  /** The verdicts that were missed, as texts, by target. */
  public List<String> misses() {
    return verdicts.stream()
        .filter(verdict -> !verdict.met())
        .sorted(Comparator.comparing(Verdict::target))
        .map(verdict -> "target " + verdict.target() + " missed: " + verdict)
        .toList();
  }

  /** The lines of the JSON file: circumstances, measurements, verdicts. */
  public List<Map<String, Object>> jsonLines() {
    List<Map<String, Object>> all = new ArrayList<>();
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
