package dev.freshet.bench.report;

import dev.freshet.bench.report.BarChart.Group;
import dev.freshet.bench.report.BarChart.Panel;
import java.util.List;
import java.util.Locale;

/**
 * Draws a {@link BarChart} as SVG 1.1 (W3C Recommendation, 2011), without scripts or fonts of its
 * own. The background is transparent and the greys follow {@code prefers-color-scheme}, so it reads
 * on light and on dark pages.
 */
public final class SvgChart {
  private static final String[] COLOURS = {
    "#8c8c8c", "#d9822b", "#b5544a", "#2b83ba", "#3a9d5d", "#7b6bb7", "#c2a021", "#4aa3a2"
  };
  private static final int WIDTH = 960;
  private static final int MARGIN = 16;
  private static final int AXIS_WIDTH = 44;
  private static final int PANEL_HEIGHT = 170;
  private static final int PANEL_SPACING = 58;
  private static final int HEADER = 86;
  private static final int PANELS_PER_LINE = 2;
  private static final int LABELLED_BAR = 17;

  private final BarChart chart;
  private final double low;
  private final double high;
  private final StringBuilder svg = new StringBuilder();

  private SvgChart(BarChart chart) {
    this.chart = chart;
    double[] values =
        chart.panels().stream()
            .flatMap(panel -> panel.groups().stream())
            .flatMap(group -> group.values().stream())
            .mapToDouble(Double::doubleValue)
            .filter(value -> value > 0 && Double.isFinite(value))
            .sorted()
            .toArray();
    this.low = values.length == 0 ? 1 : Math.pow(10, Math.floor(Math.log10(values[0] * 0.9)));
    double top = values.length == 0 ? 10 : values[values.length - 1];
    this.high = Math.max(low * 10, Math.pow(10, Math.ceil(Math.log10(top * 1.02))));
  }

  /** The whole document. */
  public static String draw(BarChart chart) {
    return new SvgChart(chart).document();
  }

  private String document() {
    int perLine = Math.min(PANELS_PER_LINE, Math.max(1, chart.panels().size()));
    int lines = (chart.panels().size() + perLine - 1) / perLine;
    int height = HEADER + lines * (PANEL_HEIGHT + PANEL_SPACING) + MARGIN;
    append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
        <style>
          text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #656d76; }
          .title { font-size: 17px; font-weight: 600; }
          .panel { font-size: 13px; font-weight: 600; }
          .small { font-size: 11px; }
          .tiny { font-size: 9px; }
          line { stroke: #8c959f; stroke-opacity: 0.35; }
          @media (prefers-color-scheme: dark) { text { fill: #b1bac4; } }
        </style>
        """,
        WIDTH, height, escaped(chart.title()));
    text(MARGIN, 26, "title", "start", chart.title());
    text(MARGIN, 45, "", "start", chart.subtitle());
    legend();
    int panelWidth = (WIDTH - 2 * MARGIN) / perLine;
    for (int i = 0; i < chart.panels().size(); i++) {
      int left = MARGIN + i % perLine * panelWidth;
      int top = HEADER + 24 + i / perLine * (PANEL_HEIGHT + PANEL_SPACING);
      panel(chart.panels().get(i), left, top, panelWidth - MARGIN);
    }
    return svg.append("</svg>\n").toString();
  }

  private void legend() {
    double x = MARGIN;
    for (int i = 0; i < chart.series().size(); i++) {
      rectangle(x, 60, 11, 11, COLOURS[i], chart.series().get(i));
      text(x + 16, 70, "", "start", chart.series().get(i));
      x += 34 + chart.series().get(i).length() * 7.2;
    }
    text(WIDTH - MARGIN, 70, "small", "end", chart.axis() + ", logarithmic");
  }

  private void panel(Panel panel, int left, int top, int width) {
    text(left + AXIS_WIDTH, top - 9, "panel", "start", panel.title());
    int right = left + width;
    for (double decade = low; decade <= high * 1.0001; decade *= 10) {
      double y = yOf(decade, top);
      append(
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", left + AXIS_WIDTH, y, right, y);
      text(left + AXIS_WIDTH - 6, y + 4, "small", "end", tick(decade));
    }
    double groupWidth = (width - AXIS_WIDTH) / (double) Math.max(1, panel.groups().size());
    double x = left + AXIS_WIDTH;
    for (Group group : panel.groups()) {
      bars(group, x, top, groupWidth);
      text(x + groupWidth / 2, top + PANEL_HEIGHT + 16, "small", "middle", group.label());
      x += groupWidth;
    }
  }

  private void bars(Group group, double left, int top, double width) {
    double gap = width * 0.12;
    double barWidth = (width - gap) / chart.series().size();
    double x = left + gap / 2;
    List<Double> values = group.values();
    for (int i = 0; i < values.size(); i++) {
      double value = values.get(i);
      if (value > 0 && Double.isFinite(value)) {
        double y = yOf(value, top);
        String tip =
            "%s, %s: %s"
                .formatted(group.label(), chart.series().get(i), Figures.significant(value));
        rectangle(x + 0.5, y, barWidth - 1, top + PANEL_HEIGHT - y, COLOURS[i], tip);
        if (barWidth >= LABELLED_BAR) {
          text(x + barWidth / 2, y - 3, "tiny", "middle", label(value));
        }
      }
      x += barWidth;
    }
  }

  private double yOf(double value, int top) {
    double share = Math.log(value / low) / Math.log(high / low);
    return top + PANEL_HEIGHT * (1 - Math.clamp(share, 0.0, 1.0));
  }

  /** Short enough to stand above a bar. */
  private static String label(double value) {
    if (value >= 10_000) {
      return Math.round(value / 1_000) + "K";
    }
    return String.format(Locale.ROOT, value >= 10 ? "%.0f" : "%.1f", value);
  }

  private static String tick(double decade) {
    if (decade >= 1_000_000) {
      return Math.round(decade / 1_000_000) + "M";
    }
    if (decade >= 1_000) {
      return Math.round(decade / 1_000) + "K";
    }
    return decade >= 1
        ? Long.toString(Math.round(decade))
        : String.format(Locale.ROOT, "%." + (int) Math.round(-Math.log10(decade)) + "f", decade);
  }

  private void rectangle(
      double x, double y, double width, double height, String colour, String tip) {
    append(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1\" fill=\"%s\">"
            + "<title>%s</title></rect>\n",
        x, y, width, height, colour, escaped(tip));
  }

  private void text(double x, double y, String style, String anchor, String text) {
    append(
        "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>\n",
        x, y, style, anchor, escaped(text));
  }

  @SuppressWarnings("AnnotateFormatMethod") // Would need one more dependency.
  private void append(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
