package dev.freshet.chaos;

import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.TextTable;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** For people: a line per event, a table by kind, and a last line that says it all. */
final class ChaosText implements ChaosOutput {
  private static final List<String> HEADS =
      List.of("kind", "what", "events", "median", "longest", "refills");

  private final PrintStream out;
  private final int events;
  private final boolean terminal;

  /**
   * @param terminal whether the event under way can be shown and overwritten
   */
  ChaosText(PrintStream out, int events, boolean terminal) {
    this.out = out;
    this.events = events;
    this.terminal = terminal;
  }

  @Override
  public void say(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void begins(int number, Kind kind) {
    if (terminal) {
      out.print("[%d/%d] %s …".formatted(number, events, kind.key()));
      out.flush();
    }
  }

  private void println(String line) {
    out.println((terminal ? "\r\u001b[2K" : "") + line);
    out.flush();
  }

  @Override
  public void happened(Event event) {
    String refilled =
        event.refilled().isEmpty()
            ? ""
            : event.refilled().size() == Shape.ALL.size()
                ? "; all refilled"
                : "; refilled: " + String.join(", ", event.refilled());
    println(
        "[%d/%d] %-14s recovered in %6s s%s"
            .formatted(event.number(), events, event.kind().key(), seconds(event), refilled));
  }

  private static String seconds(Event event) {
    return seconds(event.recovery().toMillis() / 1000.0);
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }

  @Override
  public void failed(String what) {
    println("FAILED " + what);
  }

  @Override
  public void ends(ChaosResult result) {
    out.println();
    if (!result.events().isEmpty()) {
      out.print(byKind(result).plain());
      out.println();
    }
    totals(result).forEach(out::println);
    out.println();
    out.println(verdict(result));
    out.flush();
  }

  /** Recovery in seconds, by kind. */
  static TextTable byKind(ChaosResult result) {
    List<List<String>> rows = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      List<Event> own = result.events().stream().filter(event -> event.kind() == kind).toList();
      if (!own.isEmpty()) {
        Samples recovery = recovery(own);
        rows.add(
            List.of(
                kind.key(),
                kind.description(),
                Integer.toString(own.size()),
                seconds(recovery.median()) + " s",
                seconds(recovery.max()) + " s",
                Integer.toString(own.stream().mapToInt(event -> event.refilled().size()).sum())));
      }
    }
    return TextTable.of("Recovery", 2, HEADS, rows);
  }

  static Samples recovery(List<Event> events) {
    return Samples.of(events.stream().map(event -> event.recovery().toNanos() / 1e9).toList());
  }

  static List<String> totals(ChaosResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-28s %s of %d kinds, in %.0f s, PostgreSQL %s"
            .formatted(
                "events",
                Figures.count(result.events().size()),
                result.events().stream().map(Event::kind).distinct().count(),
                result.elapsed().toMillis() / 1000.0,
                result.postgres()));
    lines.add(
        "%-28s %s, %s stream tables compared, %d mismatches"
            .formatted(
                "audits",
                Figures.count(result.checks().audits()),
                Figures.count(result.checks().comparisons()),
                result.checks().mismatches()));
    lines.add(
        "%-28s %s committed, %s refused; %s appends acknowledged, %d lists with lost or doubled ones"
            .formatted(
                "transactions",
                Figures.count(result.traffic().committed()),
                Figures.count(result.traffic().refused()),
                Figures.count(result.traffic().acknowledged()),
                result.checks().lost()));
    lines.add(
        "%-28s looked %s times at both levels"
            .formatted("witness", Figures.count(result.checks().looks())));
    if (!result.events().isEmpty()) {
      Samples recovery = recovery(result.events());
      lines.add(
          "%-28s median %s s, longest %s s; engines started: %d"
              .formatted(
                  "recovery",
                  seconds(recovery.median()),
                  seconds(recovery.max()),
                  result.starts()));
    }
    return lines;
  }

  static String verdict(ChaosResult result) {
    return result.isClean()
        ? "CHAOS OK %d events, seed %d".formatted(result.events().size(), result.options().seed())
        : "CHAOS FAILED %d; again: %s".formatted(result.failures().size(), again(result));
  }

  /** What to run to meet the failure again, as far as the scheduling of processes allows. */
  static String again(ChaosResult result) {
    ChaosOptions options = result.options();
    String kinds =
        options.kinds().equals(Kind.on(options.version()))
            ? ""
            : " --kinds " + String.join(",", options.kinds().stream().map(Kind::key).toList());
    return "freshet chaos --events %d --seed %d --postgres-version %d%s"
        .formatted(options.events(), options.seed(), options.version().major(), kinds);
  }
}
