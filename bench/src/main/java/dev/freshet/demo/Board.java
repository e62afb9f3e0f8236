package dev.freshet.demo;

import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.engine.control.RefreshReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Lays a {@link Scene} out as lines, for 80 to 120 columns. */
final class Board {
  private static final int WIDE = 108;
  private static final int PEEK_ROWS = 4;
  private static final String TABLE = "%-17s %-10s %7s %7s %5s %5s %5s %-11s %5s";
  private static final String WIDE_TABLE = "%-17s %-22s %-10s %7s %8s %7s %6s %6s  %-11s %6s";

  private final Screen screen;
  private final int width;

  /**
   * @param width columns, 80 or more
   */
  Board(Screen screen, int width) {
    this.screen = screen;
    this.width = width;
  }

  List<String> lines(Scene scene) {
    List<String> lines = new ArrayList<>();
    lines.add(heading(scene));
    lines.add("");
    lines.addAll(table(scene));
    lines.add("");
    lines.addAll(peek(scene));
    lines.add("");
    lines.addAll(hints(scene.address()));
    return lines;
  }

  private String heading(Scene scene) {
    String time =
        scene
            .totalSeconds()
            .map(total -> "%s of %s".formatted(clock(scene.elapsedSeconds()), clock(total)))
            .orElse(clock(scene.elapsedSeconds()));
    String rest =
        "PostgreSQL %s   %s   writer: %s tx/s, %s rows/s"
            .formatted(
                scene.address().postgres(),
                time,
                Figures.significant(scene.transactionsPerSecond()),
                Figures.significant(scene.rowsPerSecond()));
    return screen.bold("Freshet demo") + "   " + Screen.fit(rest, width - 15);
  }

  /** The heading and one line per stream table. */
  List<String> table(Scene scene) {
    List<String> lines = new ArrayList<>();
    boolean wide = width >= WIDE;
    int freshnessColumn = wide ? 80 : 52;
    lines.add(
        screen.dim(
            " ".repeat(freshnessColumn) + "fresh, ms" + (wide ? "   " : "  ") + "last refresh"));
    lines.add(
        screen.dim(
            wide
                ? WIDE_TABLE.formatted(
                    "stream table",
                    "query",
                    "schedule",
                    "rows",
                    "refreshes",
                    "chg/s",
                    "p50",
                    "p95",
                    "mode",
                    "ms")
                : TABLE.formatted(
                    "stream table",
                    "schedule",
                    "rows",
                    "refresh",
                    "chg/s",
                    "p50",
                    "p95",
                    "mode",
                    "ms")));
    for (ShopStreamTable table : ShopStreamTable.ALL) {
      TableFigures figures = scene.figures().get(table.name());
      if (figures != null) {
        lines.add(row(table, figures, wide));
      }
    }
    return lines;
  }

  private String row(ShopStreamTable table, TableFigures figures, boolean wide) {
    Optional<Samples> freshness = figures.freshness();
    Optional<RefreshReport> last = figures.last();
    String name = "%-17s".formatted(table.name());
    String rows = Figures.count(figures.rows());
    String refreshes = Figures.count(figures.refreshes());
    double rate = figures.changesPerSecond(System.nanoTime());
    String changes = rate > 0 ? Figures.significant(rate) : "–"; // FULL reads no changes.
    String p50 = freshness.map(samples -> brief(samples.median())).orElse("–");
    String p95 = freshness.map(samples -> brief(samples.p95())).orElse("–");
    String mode = last.map(report -> lowerCase(report.mode())).orElse("–");
    String millis = last.map(report -> brief(report.milliseconds())).orElse("–");
    String line =
        wide
            ? WIDE_TABLE.formatted(
                name,
                table.kind(),
                table.schedule(),
                rows,
                refreshes,
                changes,
                p50,
                p95,
                mode,
                millis)
            : TABLE.formatted(
                name, table.schedule(), rows, refreshes, changes, p50, p95, mode, millis);
    return screen.bold(name) + line.substring(name.length());
  }

  private List<String> peek(Scene scene) {
    List<String> lines = new ArrayList<>();
    if (scene.peek().isEmpty()) {
      lines.add(screen.dim("following the first order into order_overview …"));
      return lines;
    }
    Scene.Peek peek = scene.peek().get();
    lines.add(
        "%s was committed; order_overview showed it %s later:"
            .formatted(peek.what(), screen.green(brief(peek.millis()) + " ms")));
    for (int i = 0; i < PEEK_ROWS; i++) {
      lines.add(i < peek.rows().size() ? "  " + Screen.fit(peek.rows().get(i), width - 2) : "");
    }
    return lines;
  }

  private List<String> hints(Scene.Address address) {
    return List.of(
        screen.dim("connect  ") + address.psql(),
        screen.dim("   or    ") + Screen.fit(address.psqlBySocket(), width - 9),
        screen.dim("look     ") + address.freshetStatus(),
        screen.dim("try      ") + "UPDATE products SET price = price * 2 WHERE id = 7;",
        "         INSERT INTO orders (customer_id) SELECT id FROM customers;",
        "         DELETE FROM orders WHERE customer_id = 1;",
        "         SELECT * FROM revenue_by_region \\watch 0.5",
        screen.dim("Ctrl-C ends the demo with an audit of every stream table."));
  }

  /** One line for a stream that is not a terminal. */
  String plainLine(Scene scene) {
    return "%s  writer %s tx/s, %s rows/s  %s refreshes  commit to visible, ms p50/p95: continuous %s,"
            .formatted(
                clock(scene.elapsedSeconds()),
                Figures.significant(scene.transactionsPerSecond()),
                Figures.significant(scene.rowsPerSecond()),
                Figures.count(
                    scene.figures().values().stream().mapToLong(TableFigures::refreshes).sum()),
                worst(scene, true))
        + " interval "
        + worst(scene, false);
  }

  /** The highest quantiles of any stream table of that kind of schedule. */
  private static String worst(Scene scene, boolean continuous) {
    double p50 = Double.NaN;
    double p95 = Double.NaN;
    for (ShopStreamTable table : ShopStreamTable.ALL) {
      TableFigures figures = scene.figures().get(table.name());
      if (table.isContinuous() == continuous && figures != null) {
        Optional<Samples> samples = figures.freshness();
        if (samples.isPresent()) {
          p50 = Double.isNaN(p50) ? samples.get().median() : Math.max(p50, samples.get().median());
          p95 = Double.isNaN(p95) ? samples.get().p95() : Math.max(p95, samples.get().p95());
        }
      }
    }
    return brief(p50) + "/" + brief(p95);
  }

  /** Milliseconds in at most five characters. */
  private static String brief(double millis) {
    if (!Double.isFinite(millis)) {
      return "–";
    }
    return millis < 100
        ? String.format(Locale.ROOT, "%.1f", millis)
        : String.format(Locale.ROOT, "%,.0f", millis);
  }

  private static String lowerCase(RefreshReport.Mode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  static String clock(long seconds) {
    return "%02d:%02d".formatted(seconds / 60, seconds % 60);
  }
}
