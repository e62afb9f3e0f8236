package dev.freshet.config;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * When a stream table is refreshed. Written {@code 1s} (interval), {@code 0 3 * * *} or {@code
 * cron: 0 3 * * *}, {@code continuous}, {@code calculated}, {@code manual}; its {@code toString}
 * writes what {@link #parse} reads.
 */
public sealed interface Schedule {
  Duration SHORTEST_INTERVAL = Duration.ofMillis(1);
  Duration LONGEST_INTERVAL = Duration.ofDays(365);

  /** Every {@code every}, counted from the start of one refresh to the start of the next. */
  record Interval(Duration every) implements Schedule {
    public Interval {
      if (every.compareTo(SHORTEST_INTERVAL) < 0 || every.compareTo(LONGEST_INTERVAL) > 0) {
        throw new InvalidValueException(
            "is outside 1ms to 365d", "write continuous to refresh as soon as changes arrive");
      }
    }

    @Override
    public String toString() {
      return Durations.print(every);
    }
  }

  /**
   * At the times of a Unix cron expression: minute, hour, day of month, month, day of week. As in
   * cron(8), when both days are restricted, either may match.
   */
  record Cron(String expression) implements Schedule {
    private static final CronParser PARSER =
        new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    /**
     * Checks the expression.
     *
     * @throws InvalidValueException where {@code expression} is not valid
     */
    public Cron {
      expression = expression.strip().replaceAll("\\s+", " ");
      try {
        PARSER.parse(expression).validate();
      } catch (IllegalArgumentException e) {
        throw new InvalidValueException(
            "is not a cron expression: " + e.getMessage(),
            "write minute hour day-of-month month day-of-week, such as \"*/5 * * * *\"");
      }
    }

    /**
     * The first time after {@code time}, in its zone; empty where the expression never comes true
     * (30 February).
     */
    public Optional<ZonedDateTime> nextAfter(ZonedDateTime time) {
      return ExecutionTime.forCron(PARSER.parse(expression)).nextExecution(time);
    }

    @Override
    public String toString() {
      return "cron: " + expression;
    }
  }

  /** As soon as changes arrive, after {@link RefreshSettings#debounce()}. */
  record Continuous() implements Schedule {
    @Override
    public String toString() {
      return "continuous";
    }
  }

  /** Only when somebody asks for it. */
  record Manual() implements Schedule {
    @Override
    public String toString() {
      return "manual";
    }
  }

  /** Whenever a stream table that reads this one is refreshed; by itself never. */
  record Calculated() implements Schedule {
    @Override
    public String toString() {
      return "calculated";
    }
  }

  /**
   * Reads a schedule.
   *
   * @throws InvalidValueException where {@code text} is none, with what to write instead
   */
  static Schedule parse(String text) {
    if (text.equals("continuous")) {
      return new Continuous();
    }
    if (text.equals("manual")) {
      return new Manual();
    }
    if (text.equals("calculated")) {
      return new Calculated();
    }
    if (text.startsWith("cron:")) {
      return new Cron(text.substring("cron:".length()));
    }
    if (text.strip().contains(" ") && !text.matches("(\\d+[a-z]+\\s*)+")) {
      return new Cron(text);
    }
    if (text.isEmpty() || !Character.isDigit(text.charAt(0))) {
      throw new InvalidValueException(
          "is not a schedule",
          "write an interval (1s, 1m30s), a cron expression (\"*/5 * * * *\"), continuous,"
              + " calculated or manual");
    }
    return new Interval(Durations.parse(text));
  }
}
