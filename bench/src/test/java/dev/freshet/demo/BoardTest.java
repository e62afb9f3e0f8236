package dev.freshet.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.RefreshReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoardTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

  private static Map<String, TableFigures> figures() {
    Map<String, TableFigures> figures = new LinkedHashMap<>();
    for (ShopStreamTable table : ShopStreamTable.ALL) {
      TableFigures of = new TableFigures();
      of.setRows(123_456);
      of.visibleAfter(6.1);
      of.visibleAfter(1_900);
      of.refreshed(
          new RefreshReport(
              table.qualifiedName(),
              RefreshReport.Mode.INCREMENTAL,
              "delta 10 rows",
              12_345,
              10,
              10,
              Instant.EPOCH,
              1_234.5,
              Optional.empty(),
              Map.of(),
              Optional.empty(),
              Optional.empty()),
          System.nanoTime());
      figures.put(table.name(), of);
    }
    return figures;
  }

  private static Scene scene() {
    return new Scene(
        new Scene.Address("18.6", "127.0.0.1", 54321, "/tmp/pg", "postgres", "shop"),
        65,
        Optional.of(3_600L),
        1_000,
        49.96,
        163.2,
        figures(),
        Optional.of(
            new Scene.Peek(
                "Order 2313, 3 items",
                5.3,
                List.of("   2313  line 1  Ada Meyer         2 × oak teapot         77.99  new"))));
  }

  @Test
  void fitsInEightyColumns() {
    List<String> lines = new Board(new Screen(out, false, false), 80).lines(scene());
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
  }

  @Test
  void showsTheQueriesKindWhereThereIsRoom() {
    List<String> lines = new Board(new Screen(out, false, false), 120).lines(scene());
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(120));
    assertThat(lines).anySatisfy(line -> assertThat(line).contains("4-way join", "continuous"));
  }

  @Test
  void tellsHowToConnectAndWhenItEnds() {
    assertThat(new Board(new Screen(out, false, false), 80).lines(scene()))
        .anySatisfy(
            line -> assertThat(line).contains("psql -h 127.0.0.1 -p 54321 -U postgres shop"))
        .first()
        .asString()
        .contains("01:05 of 60:00", "50.0 tx/s", "163 rows/s");
  }

  @Test
  void redrawsOverWhatItDrewBefore() {
    Screen screen = new Screen(out, true, false);
    screen.redraw(List.of("one", "two"));
    printed.reset();
    screen.redraw(List.of("three", "four"));
    assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("\u001b[2A").contains("three");
  }
}
