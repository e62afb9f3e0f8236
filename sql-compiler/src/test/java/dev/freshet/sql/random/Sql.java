package dev.freshet.sql.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A piece of SQL text that knows of which pieces it is made, so that a query can be made smaller
 * piece by piece. What fits where is PostgreSQL's to say: a reduction that makes no sense is one
 * that it rejects.
 *
 * @param sort pieces of one sort can take each other's place: a query, a condition, a value of one
 *     type
 */
public record Sql(String sort, List<Part> parts) {
  static final String QUERY = "query";
  static final String CONDITION = "condition";
  static final String SOURCE = "source";
  private static final String WORD = "word";

  /** What a piece consists of. */
  sealed interface Part {}

  record Text(String text) implements Part {}

  /** A piece that must stand here. */
  record Child(Sql piece) implements Part {}

  /** A piece that may be left out, together with the text around it. */
  record Choice(String before, Optional<Sql> piece, String after) implements Part {}

  /** A list; without items the text around it is left out too. */
  record Items(String before, List<Sql> items, String separator, int least, String after)
      implements Part {
    Items {
      items = List.copyOf(items);
    }

    Items with(List<Sql> others) {
      return new Items(before, others, separator, least, after);
    }
  }

  public Sql {
    parts = List.copyOf(parts);
  }

  static Sql text(String sort, String text) {
    return new Sql(sort, List.of(new Text(text)));
  }

  /** A keyword or another text that may be left out where it stands in a {@link Choice}. */
  static Optional<Sql> word(boolean present, String text) {
    return present ? Optional.of(text(WORD, text)) : Optional.empty();
  }

  /** At least one item. */
  static Items list(List<Sql> items) {
    return new Items("", items, ", ", 1, "");
  }

  /** Any number of items, introduced by {@code before}. */
  static Items list(String before, List<Sql> items, String separator) {
    return new Items(before, items, separator, 0, "");
  }

  /**
   * @param template with {@code {}} for each argument: a piece, an optional piece, or a list; an
   *     optional piece takes the text between « and » around it with it
   */
  static Sql of(String sort, String template, Object... arguments) {
    List<Part> parts = new ArrayList<>();
    int argument = 0;
    int at = 0;
    while (at < template.length()) {
      int brace = template.indexOf("{}", at);
      int choice = template.indexOf('«', at);
      if (choice >= 0 && choice < brace) {
        text(parts, template.substring(at, choice));
        int end = template.indexOf('»', choice);
        parts.add(
            new Choice(
                template.substring(choice + 1, brace),
                optional(arguments[argument++]),
                template.substring(brace + 2, end)));
        at = end + 1;
      } else if (brace >= 0) {
        text(parts, template.substring(at, brace));
        parts.add(
            arguments[argument] instanceof Items items
                ? items
                : new Child((Sql) arguments[argument]));
        argument++;
        at = brace + 2;
      } else {
        text(parts, template.substring(at));
        at = template.length();
      }
    }
    if (argument != arguments.length) {
      throw new IllegalArgumentException(arguments.length + " arguments for " + template);
    }
    return new Sql(sort, parts);
  }

  private static Optional<Sql> optional(Object argument) {
    return argument instanceof Optional<?> optional
        ? optional.map(Sql.class::cast)
        : Optional.of((Sql) argument);
  }

  private static void text(List<Part> parts, String text) {
    if (!text.isEmpty()) {
      parts.add(new Text(text));
    }
  }

  Stream<Sql> children() {
    return parts.stream()
        .flatMap(
            part ->
                switch (part) {
                  case Text _ -> Stream.empty();
                  case Child(Sql piece) -> Stream.of(piece);
                  case Choice choice -> choice.piece().stream();
                  case Items items -> items.items().stream();
                });
  }

  /** Without this one. */
  Stream<Sql> descendants() {
    return children().flatMap(child -> Stream.concat(Stream.of(child), child.descendants()));
  }

  /** The same with one part replaced. */
  Sql with(int index, Part part) {
    List<Part> changed = new ArrayList<>(parts);
    changed.set(index, part);
    return new Sql(sort, changed);
  }

  @Override
  public String toString() {
    return parts.stream()
        .map(
            part ->
                switch (part) {
                  case Text(String text) -> text;
                  case Child(Sql piece) -> piece.toString();
                  case Choice(String before, var piece, String after) ->
                      piece.map(p -> before + p + after).orElse("");
                  case Items items when items.items().isEmpty() -> "";
                  case Items(String before, var all, String separator, int _, String after) ->
                      all.stream()
                          .map(Sql::toString)
                          .collect(Collectors.joining(separator, before, after));
                })
        .collect(Collectors.joining());
  }
}
