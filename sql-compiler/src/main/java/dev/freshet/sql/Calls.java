package dev.freshet.sql;

import java.util.List;

/**
 * What a query calls, casts and operators included, by signature: {@code date(timestamp with time
 * zone)}, {@code public.f(integer)}, {@code CURRENT_DATE}.
 *
 * @param functions STABLE ones, and built-in ones of any kind
 * @param outputs those that print a value of a type that occurs in the query, or of its elements
 *     and fields: what a function such as {@code concat} may come to call
 */
public record Calls(List<Call> functions, List<Call> outputs) {
  public static final Calls NONE = new Calls(List.of(), List.of());

  public Calls {
    functions = List.copyOf(functions);
    outputs = List.copyOf(outputs);
  }

  /**
   * One function.
   *
   * @param immutable that its result follows from its arguments
   */
  public record Call(String signature, boolean immutable) {}
}
