package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.freshet.bench.report.BarChart.Group;
import dev.freshet.bench.report.BarChart.Panel;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class SvgChartTest {
  private static final int LEGEND_MARKS = 2;

  private static BarChart chart(Double... values) {
    return new BarChart(
        "One refresh <after> a change",
        "100K rows & more",
        "milliseconds",
        List.of("full", "wal"),
        List.of(new Panel("scan", List.of(new Group("1 %", List.of(values))))));
  }

  private static Document parsed(BarChart chart) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(SvgChart.draw(chart).getBytes(StandardCharsets.UTF_8)));
  }

  private static double height(Document svg, int bar) {
    Element rectangle = (Element) svg.getElementsByTagName("rect").item(LEGEND_MARKS + bar);
    return Double.parseDouble(rectangle.getAttribute("height"));
  }

  @Test
  void drawsOneBarPerValue() throws Exception {
    Document svg = parsed(chart(170.0, 8.8));
    assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(LEGEND_MARKS + 2);
    assertThat(height(svg, 0)).isGreaterThan(height(svg, 1)).isPositive();
  }

  @Test
  void drawsEqualRatiosAsEqualDistances() throws Exception {
    // Both charts span the decades from 1 to 100.
    Document low = parsed(chart(10.0, 2.0));
    Document high = parsed(chart(50.0, 10.0));
    assertThat(height(low, 0) - height(low, 1)).isCloseTo(170 * Math.log10(5) / 2, within(0.2));
    assertThat(height(high, 0) - height(high, 1)).isCloseTo(170 * Math.log10(5) / 2, within(0.2));
  }

  @Test
  void leavesThePlaceOfAMissingValueEmpty() throws Exception {
    Document svg = parsed(chart(170.0, Double.NaN));
    assertThat(svg.getElementsByTagName("rect").getLength()).isEqualTo(LEGEND_MARKS + 1);
  }

  @Test
  void followsTheReadersColourScheme() {
    assertThat(SvgChart.draw(chart(1.0, 2.0)))
        .contains("prefers-color-scheme: dark")
        .doesNotContain("NaN");
  }

  @Test
  void refusesAGroupWithoutABarForEachSeries() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chart(1.0))
        .withMessageContaining("1 bars for 2 series");
  }
}
