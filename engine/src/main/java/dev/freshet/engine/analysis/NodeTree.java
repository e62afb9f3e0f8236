package dev.freshet.engine.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An expression tree as pg_rewrite holds it, the text of a {@code pg_node_tree}: nodes {@code {NAME
 * :field value …}}, lists {@code (…)}, and atoms (src/backend/nodes/read.c).
 *
 * <p>Read by structure alone: which fields a node has differs from version to version.
 */
final class NodeTree {
  /** A value: of a field, or an element of a list. */
  sealed interface Value {}

  /** A number, a name, a piece of anything else. */
  record Atom(String text) implements Value {}

  /** {@code (…)}: of integers and oids the first element says which. */
  record Items(List<Value> items) implements Value {}

  /** A node, its fields in order; some fields are several atoms. */
  record Node(String name, Map<String, List<Value>> fields) implements Value {
    /** The first atom of a field. */
    Optional<String> atom(String field) {
      for (Value value : fields.getOrDefault(field, List.of())) {
        if (value instanceof Atom(String text)) {
          return Optional.of(text);
        }
      }
      return Optional.empty();
    }

    /** The oids of a list {@code (o 1 2 3)}; none if the field is no such list. */
    List<String> oids(String field) {
      List<String> oids = new ArrayList<>();
      for (Value value : fields.getOrDefault(field, List.of())) {
        if (value instanceof Items(List<Value> items)
            && !items.isEmpty()
            && items.getFirst().equals(new Atom("o"))) {
          for (Value item : items.subList(1, items.size())) {
            if (item instanceof Atom(String oid)) {
              oids.add(oid);
            }
          }
        }
      }
      return oids;
    }

    List<Node> nodes(String field) {
      List<Node> nodes = new ArrayList<>();
      for (Value value : fields.getOrDefault(field, List.of())) {
        if (value instanceof Node node) {
          nodes.add(node);
        }
      }
      return nodes;
    }
  }

  private final String text;
  private int next;

  private NodeTree(String text) {
    this.text = text;
  }

  static Value read(String text) {
    NodeTree tree = new NodeTree(text);
    return tree.value(tree.token());
  }

  /** Every node of the tree, those above before those beneath. */
  static void visit(Value value, Consumer<Node> visitor) {
    switch (value) {
      case Atom _ -> {}
      case Items(List<Value> items) -> items.forEach(item -> visit(item, visitor));
      case Node node -> {
        visitor.accept(node);
        node.fields().values().forEach(all -> all.forEach(each -> visit(each, visitor)));
      }
    }
  }

  private Value value(String token) {
    return switch (token) {
      case "(" -> {
        List<Value> items = new ArrayList<>();
        for (String item = token(); !item.equals(")") && !item.isEmpty(); item = token()) {
          items.add(value(item));
        }
        yield new Items(items);
      }
      case "{" -> node();
      default -> new Atom(token);
    };
  }

  private Node node() {
    String name = token();
    Map<String, List<Value>> fields = new LinkedHashMap<>();
    List<Value> values = new ArrayList<>();
    for (String token = token(); !token.equals("}") && !token.isEmpty(); token = token()) {
      if (token.startsWith(":") && token.length() > 1) {
        values = fields.computeIfAbsent(token.substring(1), _ -> new ArrayList<>());
      } else {
        values.add(value(token));
      }
    }
    return new Node(name, fields);
  }

  /** The next token; empty at the end. A backslash protects what follows it. */
  private String token() {
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    int start = next;
    while (next < text.length()) {
      char c = text.charAt(next);
      boolean bracket = c == '(' || c == ')' || c == '{' || c == '}';
      if (Character.isWhitespace(c) || (bracket && next > start)) {
        break;
      }
      next += c == '\\' ? 2 : 1;
      if (bracket) {
        break;
      }
    }
    next = Math.min(next, text.length());
    return text.substring(start, next);
  }
}
