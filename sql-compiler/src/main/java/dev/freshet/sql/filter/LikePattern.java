package dev.freshet.sql.filter;

import dev.freshet.sql.filter.Operand.Constant;
import java.util.Arrays;
import java.util.Optional;

/** Patterns of LIKE that say how a text begins, and nothing else (like.c). */
final class LikePattern {
  private LikePattern() {}

  /** The beginning that {@code beginning%} asks for; empty for any other pattern. */
  static Optional<Constant> beginning(Constant pattern) {
    byte[] bytes = pattern.bytes();
    int length = bytes.length - 1;
    if (length < 0 || bytes[length] != '%') {
      return Optional.empty();
    }
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '%' || bytes[i] == '_' || bytes[i] == '\\') {
        return Optional.empty();
      }
    }
    byte[] beginning = Arrays.copyOf(bytes, length);
    return Optional.of(Constant.of(pattern.sql(), pattern.typeOid(), beginning, 0, length));
  }
}
