package dev.freshet.bench.report;

import java.util.List;

/**
 * A chart of bars in small multiples: one panel per scenario, groups of bars in each, one bar per
 * series. The scale is logarithmic, because refreshes differ by factors.
 *
 * @param axis what the bars measure, with its unit
 * @param series names of the bars of every group, in order; at most eight
 */
public record BarChart(
    String title, String subtitle, String axis, List<String> series, List<Panel> panels) {

  private static final int MAX_SERIES = 8;

  /** A panel with its groups of bars. */
  public record Panel(String title, List<Group> groups) {
    public Panel {
      groups = List.copyOf(groups);
    }
  }

  /** One bar per series; NaN leaves its place empty. */
  public record Group(String label, List<Double> values) {
    public Group {
      values = List.copyOf(values);
    }
  }

  public BarChart {
    series = List.copyOf(series);
    panels = List.copyOf(panels);
    if (series.isEmpty() || series.size() > MAX_SERIES) {
      throw new IllegalArgumentException(
          "a chart has 1 to %d series, not %d: %s".formatted(MAX_SERIES, series.size(), series));
    }
    for (Panel panel : panels) {
      for (Group group : panel.groups()) {
        if (group.values().size() != series.size()) {
          throw new IllegalArgumentException(
              "group \"%s\" of panel \"%s\" has %d bars for %d series"
                  .formatted(group.label(), panel.title(), group.values().size(), series.size()));
        }
      }
    }
  }
}
