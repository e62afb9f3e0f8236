package dev.freshet.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes a report. A Markdown file keeps what others wrote into it: each benchmark owns the section
 * between its two comment lines and replaces only that.
 */
public final class ReportFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFACE =
      """
      # Benchmarks

      Every figure here was measured by `freshet bench` and can be measured again on your machine. What is
      compared ran interleaved in one run and is judged as a ratio; every result was checked against its query.
      """;

  private ReportFiles() {}

  /** For people, on a terminal. */
  public static void print(BenchReport report, PrintStream out) {
    out.println();
    out.println(report.bench() + ": " + report.summary());
    out.println(report.circumstances().describe());
    for (TextTable table : report.tables()) {
      out.println();
      out.print(table.plain());
    }
    report
        .targetTable()
        .ifPresent(
            table -> {
              out.println();
              out.print(table.plain());
            });
    report.misses().forEach(out::println);
    if (!report.notes().isEmpty()) {
      out.println();
      report.notes().forEach(note -> out.println("· " + note));
    }
    report.faults().forEach(fault -> out.println("WRONG: " + fault));
    out.flush();
  }

  /** One JSON object per line. */
  public static String jsonLines(BenchReport report) {
    return report.jsonLines().stream()
        .map(ReportFiles::json)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String json(Map<String, Object> line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report line is not JSON: " + line, e);
    }
  }

  public static void writeJson(BenchReport report, Path file) {
    write(file, jsonLines(report));
  }

  /**
   * Draws the report's chart.
   *
   * @return false if the report has none
   */
  public static boolean writeSvg(BenchReport report, Path file) {
    report.chart().ifPresent(chart -> write(file, SvgChart.draw(chart)));
    return report.chart().isPresent();
  }

  /** Puts the report's section into {@code file}, which is made where it does not exist. */
  public static void writeMarkdown(BenchReport report, Path file, Optional<Path> svg) {
    try {
      String old = Files.exists(file) ? Files.readString(file) : PREFACE;
      Optional<String> picture = svg.map(path -> relative(file, path));
      write(file, withSection(old, report, picture));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** {@code document} with the report's section replaced, or appended where it has none. */
  static String withSection(String document, BenchReport report, Optional<String> picture) {
    String begin = "<!-- freshet bench " + report.bench() + " -->";
    String end = "<!-- end of " + report.bench() + " -->";
    String section = begin + "\n" + section(report, picture) + end;
    int from = document.indexOf(begin);
    int to = document.indexOf(end);
    if (from >= 0 && to > from) {
      return document.substring(0, from) + section + document.substring(to + end.length());
    }
    return document.stripTrailing() + "\n\n" + section + "\n";
  }

  private static String section(BenchReport report, Optional<String> picture) {
    StringBuilder text = new StringBuilder();
    text.append("## ").append(report.bench()).append("\n\n");
    text.append(sentence(report.summary())).append("\n\n");
    text.append("Measured on: ").append(report.circumstances().describe()).append("\n\n");
    text.append("Measure it again: `freshet bench ").append(report.bench()).append("`\n\n");
    picture.ifPresent(
        path -> text.append("![%s](%s)\n\n".formatted(report.bench() + " benchmark", path)));
    report.tables().forEach(table -> text.append(table.markdown()).append('\n'));
    report.targetTable().ifPresent(table -> text.append(table.markdown()).append('\n'));
    report.misses().forEach(miss -> text.append("- ").append(miss).append('\n'));
    report.notes().forEach(note -> text.append("- ").append(note).append('\n'));
    report
        .faults()
        .forEach(fault -> text.append("- **Wrong result:** ").append(fault).append('\n'));
    return text.toString();
  }

  private static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }

  private static String relative(Path from, Path to) {
    Path folder = from.toAbsolutePath().normalize().getParent();
    Path target = to.toAbsolutePath().normalize();
    return (folder == null ? target : folder.relativize(target)).toString();
  }

  private static void write(Path file, String text) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
