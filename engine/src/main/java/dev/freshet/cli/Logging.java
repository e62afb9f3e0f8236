package dev.freshet.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.freshet.config.LogConfig;
import dev.freshet.config.LogFormat;
import dev.freshet.config.LogLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs to standard error, so that answers on standard output stay clean: text for people, or one
 * JSON object a line.
 *
 * <p>Until {@link #apply} is called {@code logback.xml} holds: warnings and worse.
 */
public final class Logging {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %-28logger{28} %msg%n%ex";

  /**
   * Warns of every connection that broke under a statement, with a stack trace. The refresh that
   * failed says so in a line.
   */
  private static final String BROKEN_CONNECTIONS = "com.zaxxer.hikari.pool.ProxyConnection";

  private Logging() {}

  /** Logs as {@code config} says; other people's code one level more quietly. */
  public static void apply(LogConfig config) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder(config.format(), context));
    appender.start();
    Level level = level(config.level());
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(quieter(config.level()));
    context.getLogger("dev.freshet").setLevel(level);
    // Debezium warns at every record while its own statistics have fallen behind.
    context.getLogger("io.debezium.metrics").setLevel(Level.ERROR);
    if (level.isGreaterOrEqual(Level.INFO)) {
      context.getLogger(BROKEN_CONNECTIONS).setLevel(Level.ERROR);
    }
  }

  private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
    return switch (format) {
      case TEXT -> {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        yield encoder;
      }
      case JSON -> {
        JsonLines encoder = new JsonLines();
        encoder.setContext(context);
        encoder.start();
        yield encoder;
      }
    };
  }

  private static Level level(LogLevel level) {
    return Level.toLevel(level.name());
  }

  private static Level quieter(LogLevel level) {
    return switch (level) {
      case ERROR -> Level.ERROR;
      case WARN, INFO -> Level.WARN;
      case DEBUG -> Level.INFO;
      case TRACE -> Level.DEBUG;
    };
  }
}
