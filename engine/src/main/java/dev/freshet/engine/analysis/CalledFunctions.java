package dev.freshet.engine.analysis;

import dev.freshet.engine.analysis.NodeTree.Node;
import dev.freshet.engine.analysis.NodeTree.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The oids of what an expression tree calls. Not all calls are nodes of their own: an operator
 * calls its function, a cast through text the output function of one type and the input function of
 * another, a window frame a function that adds to the ordering value.
 *
 * <p>pg_depend does not record dependencies on built-in functions, so the tree itself is read.
 */
final class CalledFunctions {
  /** Pretended functions: the syntax that has no oid. */
  static final String XML = "XMLELEMENT, XMLFOREST or XMLSERIALIZE";

  static final String NEXTVAL = "nextval";

  private static final List<String> FUNCTIONS =
      List.of("funcid", "winfnoid", "startInRangeFunc", "endInRangeFunc");

  /** Fields that hold the type of a node's value, those that say it best first. */
  private static final List<String> TYPES =
      List.of(
          "vartype",
          "consttype",
          "paramtype",
          "funcresulttype",
          "aggtype",
          "wintype",
          "opresulttype",
          "resulttype",
          "refrestype",
          "refelemtype",
          "refcontainertype",
          "array_typeid",
          "element_typeid",
          "row_typeid",
          "casetype",
          "coalescetype",
          "minmaxtype",
          "typeId",
          "typid");

  private static final List<String> TYPE_LISTS =
      List.of("funccoltypes", "coltypes", "ctecoltypes", "aggargtypes");

  /** {@code SQLValueFunctionOp} in primnodes.h. */
  private static final List<String> SQL_VALUES =
      List.of(
          "CURRENT_DATE",
          "CURRENT_TIME",
          "CURRENT_TIME",
          "CURRENT_TIMESTAMP",
          "CURRENT_TIMESTAMP",
          "LOCALTIME",
          "LOCALTIME",
          "LOCALTIMESTAMP",
          "LOCALTIMESTAMP",
          "CURRENT_ROLE",
          "CURRENT_USER",
          "USER",
          "SESSION_USER",
          "CURRENT_CATALOG",
          "CURRENT_SCHEMA");

  private final Set<Long> functions = new LinkedHashSet<>();
  private final Set<Long> aggregates = new LinkedHashSet<>();
  private final Set<Long> operators = new LinkedHashSet<>();
  private final Set<Long> printed = new LinkedHashSet<>();
  private final Set<Long> parsed = new LinkedHashSet<>();
  private final Set<Long> constants = new LinkedHashSet<>();
  private final Set<Long> types = new LinkedHashSet<>();
  private final Set<String> named = new LinkedHashSet<>();
  private boolean locksRows;
  private boolean samples;

  /** Adds what a tree calls. */
  void add(String tree) {
    NodeTree.visit(NodeTree.read(tree), this::visit);
  }

  private void visit(Node node) {
    FUNCTIONS.forEach(field -> oid(node, field).ifPresent(functions::add));
    oid(node, "aggfnoid").ifPresent(aggregates::add);
    oid(node, "opno").ifPresent(operators::add);
    node.oids("opnos").forEach(oid -> operators.add(Long.valueOf(oid)));
    oid(node, "consttype").ifPresent(constants::add);
    TYPES.forEach(field -> oid(node, field).ifPresent(types::add));
    TYPE_LISTS.forEach(field -> node.oids(field).forEach(oid -> types.add(Long.valueOf(oid))));
    switch (node.name()) {
      case "COERCEVIAIO" -> {
        node.nodes("arg").forEach(arg -> printed.addAll(typesOf(arg)));
        oid(node, "resulttype").ifPresent(parsed::add);
      }
      case "JSONRETURNING" -> oid(node, "typid").ifPresent(parsed::add);
      case "TABLEFUNC" -> node.oids("coltypes").forEach(oid -> parsed.add(Long.valueOf(oid)));
      case "SQLVALUEFUNCTION" -> {
        named.add(SQL_VALUES.get(Integer.parseInt(node.atom("op").orElseThrow())));
        types.addAll(typesOf(node));
      }
      case "NEXTVALUEEXPR" -> named.add(NEXTVAL);
      case "XMLEXPR" -> named.add(XML);
      case "ROWMARKCLAUSE" -> locksRows |= node.atom("pushedDown").equals(Optional.of("false"));
      case "TABLESAMPLECLAUSE" -> samples = true;
      default -> {}
    }
  }

  /** Zero, an invalid oid, counts for nothing. */
  private static Optional<Long> oid(Node node, String field) {
    return node.atom(field)
        .filter(text -> text.matches("[0-9]{1,10}"))
        .map(Long::valueOf)
        .filter(oid -> oid > 0);
  }

  /** The type of an expression; where the node does not tell, those of all that is beneath it. */
  private static Set<Long> typesOf(Node expression) {
    Set<Long> found = new LinkedHashSet<>();
    if (expression.name().equals("SQLVALUEFUNCTION")) {
      return Set.of(oid(expression, "type").orElseThrow());
    }
    for (String field : TYPES) {
      Optional<Long> type = oid(expression, field);
      if (type.isPresent()) {
        return Set.of(type.get());
      }
    }
    for (List<Value> values : expression.fields().values()) {
      values.forEach(
          value ->
              NodeTree.visit(
                  value, node -> TYPES.forEach(field -> oid(node, field).ifPresent(found::add))));
    }
    return found;
  }

  /** Called as they are. */
  Set<Long> functions() {
    return functions;
  }

  Set<Long> aggregates() {
    return aggregates;
  }

  Set<Long> operators() {
    return operators;
  }

  /** Types whose values are printed. */
  Set<Long> printed() {
    return printed;
  }

  /** Types that are read from text. */
  Set<Long> parsed() {
    return parsed;
  }

  /** Types of constants, which the definition's text spells out. */
  Set<Long> constants() {
    return constants;
  }

  /** All types that occur. */
  Set<Long> types() {
    return types;
  }

  /** Calls that are syntax. */
  Set<String> named() {
    return named;
  }

  boolean locksRows() {
    return locksRows;
  }

  boolean samples() {
    return samples;
  }
}
