package dev.freshet.cli;

import dev.freshet.engine.setup.Check;
import dev.freshet.engine.setup.SetupReport;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was looked at, for people: one line each, and below it what to do. */
final class ChecksText {
  private ChecksText() {}

  static String of(SetupReport report, Styles styles) {
    StringBuilder text = new StringBuilder(report.server()).append("\n\n");
    int width = report.checks().stream().mapToInt(check -> check.name().length()).max().orElse(0);
    for (Check check : report.checks()) {
      text.append(mark(check.state(), styles))
          .append("  ")
          .append(check.name())
          .append(" ".repeat(width - check.name().length() + 2))
          .append(check.detail().replace("\n", "\n" + " ".repeat(width + 8)))
          .append('\n');
      if (!check.remedy().isEmpty()) {
        check.remedy().lines().forEach(line -> text.append("        ").append(line).append('\n'));
      }
    }
    return text.toString();
  }

  private static String mark(Check.State state, Styles styles) {
    return switch (state) {
      case OK -> styles.good("ok  ");
      case DONE -> styles.good("done");
      case WARN -> styles.warning("warn");
      case FAIL -> styles.bad("FAIL");
    };
  }

  static Map<String, Object> forPrograms(SetupReport report) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("server", report.server());
    answer.put("ready", report.ready());
    answer.put("checks", report.checks());
    return answer;
  }
}
