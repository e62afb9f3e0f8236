package dev.freshet.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.freshet.engine.Json;

/** Answers for programs: records as objects, times in ISO 8601, absent values as null. */
public final class JsonText {
  private JsonText() {}

  /** {@code value} as indented JSON. */
  public static String pretty(Object value) {
    return write(Json.mapper().writerWithDefaultPrettyPrinter(), value);
  }

  /** {@code value} on one line. */
  public static String compact(Object value) {
    return write(Json.mapper().writer(), value);
  }

  private static String write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write as JSON: " + value.getClass().getName(), e);
    }
  }
}
