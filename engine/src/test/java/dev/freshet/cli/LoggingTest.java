package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.config.LogConfig;
import dev.freshet.config.LogFormat;
import dev.freshet.config.LogLevel;
import dev.freshet.engine.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
  private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();

  @Test
  void jsonIsOneObjectALineWithTheStackTraceInside() throws Exception {
    LoggingEvent event =
        new LoggingEvent(
            "class",
            CONTEXT.getLogger("dev.freshet.x"),
            Level.WARN,
            "slot \"{}\"\nis gone",
            new IllegalStateException("boom"),
            new Object[] {"fresh"});
    event.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
    String line = new String(new JsonLines().encode(event), StandardCharsets.UTF_8);
    assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    JsonNode object = Json.mapper().readTree(line);
    assertThat(object.get("time").asText()).isEqualTo("2026-01-02T03:04:05.678Z");
    assertThat(object.get("level").asText()).isEqualTo("WARN");
    assertThat(object.get("logger").asText()).isEqualTo("dev.freshet.x");
    assertThat(object.get("message").asText()).isEqualTo("slot \"fresh\"\nis gone");
    assertThat(object.get("error").asText()).contains("IllegalStateException: boom");
  }

  @Test
  void levelIsOursAndOthersAreQuieter() {
    try {
      Logging.apply(new LogConfig(LogFormat.TEXT, LogLevel.DEBUG));
      assertThat(CONTEXT.getLogger("dev.freshet.engine").getEffectiveLevel())
          .isEqualTo(Level.DEBUG);
      assertThat(CONTEXT.getLogger("com.zaxxer.hikari").getEffectiveLevel()).isEqualTo(Level.INFO);
      assertThat(brokenConnections()).isEqualTo(Level.INFO);
      Logging.apply(new LogConfig(LogFormat.TEXT, LogLevel.INFO));
      assertThat(brokenConnections()).as("without stack traces").isEqualTo(Level.ERROR);
    } finally {
      Logging.apply(new LogConfig(LogFormat.TEXT, LogLevel.WARN));
    }
    assertThat(CONTEXT.getLogger(Logger.ROOT_LOGGER_NAME).getLevel()).isEqualTo(Level.WARN);
  }

  private static Level brokenConnections() {
    return CONTEXT.getLogger("com.zaxxer.hikari.pool.ProxyConnection").getEffectiveLevel();
  }
}
