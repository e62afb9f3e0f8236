package dev.freshet.sql.filter;

import dev.freshet.sql.parse.Token;
import dev.freshet.sql.parse.TokenLists;
import java.util.List;
import java.util.Set;

/**
 * Which expressions are constants that PostgreSQL may compute once and for all: literals of
 * built-in types, and arithmetic with them that is IMMUTABLE.
 *
 * <p>A literal of date or time was read when the query was analysed and has been printed by the
 * same session, so that it means the same whatever the settings; a cast of a text would read it
 * anew. Arithmetic with {@code timestamptz} depends on the time zone: there only the literal is a
 * constant.
 */
final class ConstantText {
  private static final Set<String> NUMBERS =
      Set.of("smallint", "integer", "bigint", "numeric", "real", "double precision");
  private static final Set<String> TEXTS = Set.of("text", "character varying", "bpchar");
  private static final Set<String> TIMES =
      Set.of("date", "timestamp without time zone", "interval");
  private static final Set<String> LITERALS =
      Set.of("boolean", "uuid", "bytea", "timestamp with time zone");
  private static final Set<String> ARITHMETIC = Set.of("+", "-", "*", "/");

  /** What an expression is made of. */
  private enum Family {
    NUMBER,
    TEXT,
    TIME,
    /** Compared, never computed with. */
    LITERAL,
    NONE
  }

  private ConstantText() {}

  /** Whether it is such a constant. */
  static boolean is(List<Token> tokens) {
    return family(tokens) != Family.NONE;
  }

  private static Family family(List<Token> tokens) {
    List<Token> core = TokenLists.core(tokens);
    if (core.size() > 1 && core.getFirst().is("-")) { // binds less than :: does
      return family(core.subList(1, core.size())) == Family.NUMBER ? Family.NUMBER : Family.NONE;
    }
    var operator = TokenLists.only(core, token -> isOperator(token) && !token.is("::"));
    if (operator.isPresent()) {
      int at = operator.getAsInt();
      return ARITHMETIC.contains(core.get(at).text())
          ? computed(family(core.subList(0, at)), family(core.subList(at + 1, core.size())))
          : Family.NONE;
    }
    var cast = TokenLists.only(core, token -> token.is("::"));
    if (cast.isPresent()) {
      return cast(core.subList(0, cast.getAsInt()), core.subList(cast.getAsInt() + 1, core.size()));
    }
    if (core.size() == 1) {
      Token token = core.getFirst();
      return token.kind() == Token.Kind.NUMBER
          ? Family.NUMBER
          : token.is("true") || token.is("false") ? Family.LITERAL : Family.NONE;
    }
    return Family.NONE;
  }

  private static boolean isOperator(Token token) {
    return token.kind() == Token.Kind.OPERATOR;
  }

  private static Family computed(Family left, Family right) {
    boolean numbers = left == Family.NUMBER && right == Family.NUMBER;
    boolean times =
        (left == Family.TIME || right == Family.TIME)
            && left.compareTo(Family.TIME) <= 0
            && right.compareTo(Family.TIME) <= 0
            && left != Family.TEXT
            && right != Family.TEXT;
    return numbers ? Family.NUMBER : times ? Family.TIME : Family.NONE;
  }

  private static Family cast(List<Token> value, List<Token> type) {
    Family target = target(type);
    boolean literal =
        value.size() == 1
            && (value.getFirst().kind() == Token.Kind.STRING || value.getFirst().is("NULL"));
    if (literal || target == Family.NONE) {
      return target;
    }
    Family source = family(value);
    boolean immutable = source == target && (target == Family.NUMBER || target == Family.TEXT);
    return immutable ? target : Family.NONE;
  }

  private static Family target(List<Token> type) {
    int modifier = type.indexOf(type.stream().filter(t -> t.is("(")).findFirst().orElse(null));
    List<Token> name = modifier < 0 ? type : type.subList(0, modifier);
    boolean plainModifier =
        modifier < 0
            || type.subList(modifier, type.size()).stream()
                .allMatch(
                    t -> t.kind() == Token.Kind.NUMBER || t.is("(") || t.is(")") || t.is(","));
    String words = TokenLists.words(name);
    if (!plainModifier) {
      return Family.NONE;
    }
    return NUMBERS.contains(words)
        ? Family.NUMBER
        : TEXTS.contains(words)
            ? Family.TEXT
            : TIMES.contains(words)
                ? Family.TIME
                : LITERALS.contains(words) ? Family.LITERAL : Family.NONE;
  }
}
