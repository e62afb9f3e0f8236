package dev.freshet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One YAML file as nodes with their places. Scalars stay the text that was written: {@code off} is
 * no boolean here and {@code 10} no octal anything, the key's own type decides (YAML 1.2.2, chapter
 * 10, leaves resolution to the application).
 */
final class YamlFile {
  /** A value in the file. */
  sealed interface Element {
    Place place();

    record Scalar(String text, Place place) implements Element {}

    /** Nothing after the colon, or {@code null}. */
    record Nothing(Place place) implements Element {}

    record Sequence(List<Element> elements, Place place) implements Element {}

    record Mapping(List<Entry> entries, Place place) implements Element {}
  }

  /** A key with its value; the place is that of the key. */
  record Entry(String key, Place place, Element value) {}

  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setAllowDuplicateKeys(true).setUseMarks(true).build();

  private final Path shown;
  private final Consumer<ConfigProblem> problems;

  /** The nodes on the way from the root to the one at hand. */
  private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

  private YamlFile(Path shown, Consumer<ConfigProblem> problems) {
    this.shown = shown;
    this.problems = problems;
  }

  /**
   * Reads {@code file}. Whatever is wrong with it as YAML is reported; the answer is empty where
   * nothing can be read, or nothing is there.
   */
  static Optional<Element> read(Path file, Consumer<ConfigProblem> problems) {
    YamlFile reader = new YamlFile(file, problems);
    try {
      return new Compose(SETTINGS).composeString(Files.readString(file)).map(reader::element);
    } catch (IOException e) {
      reader.unreadable(e);
    } catch (MarkedYamlEngineException e) {
      reader.broken(e);
    } catch (ReaderException e) {
      problems.accept(
          reader.problem(
              new Place.WholeFile(file),
              "has the character U+%04X, which YAML does not allow".formatted(e.getCodePoint()),
              "remove it; it is character number " + (e.getPosition() + 1)));
    } catch (YamlEngineException e) {
      problems.accept(
          reader.problem(new Place.WholeFile(file), "is not YAML: " + e.getMessage(), ""));
    }
    return Optional.empty();
  }

  private void unreadable(IOException e) {
    problems.accept(
        problem(new Place.WholeFile(shown), "cannot be read: " + Reading.failure(e), ""));
  }

  private void broken(MarkedYamlEngineException e) {
    Place place =
        e.getProblemMark()
            .or(e::getContextMark)
            .map(this::place)
            .orElse(new Place.WholeFile(shown));
    String message = String.valueOf(e.getProblem());
    problems.accept(problem(place, "is not YAML: " + message, adviceFor(message)));
  }

  private static String adviceFor(String message) {
    if (message.contains("TAB") || message.contains("\\t")) {
      return "indent with spaces; YAML does not allow tabs there";
    }
    if (message.contains("mapping values are not allowed")) {
      return "quote a value that contains \": \", or check the indentation";
    }
    if (message.contains("alias")
        || message.contains("unexpected character")
        || message.contains("cannot start any token")) {
      return "quote a value that begins with a special character, such as \"*/5 * * * *\"";
    }
    return "check the indentation and the quotes at and before this place";
  }

  private ConfigProblem problem(Place place, String message, String suggestion) {
    return new ConfigProblem(place, "", "", message, suggestion);
  }

  private Element element(Node node) {
    Place place = place(node);
    if (!open.add(node)) {
      problems.accept(problem(place, "contains itself through an alias", "write the value out"));
      return new Element.Nothing(place);
    }
    try {
      return element(node, place);
    } finally {
      open.remove(node);
    }
  }

  private Element element(Node node, Place place) {
    return switch (node) {
      case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> new Element.Nothing(place);
      case ScalarNode scalar -> new Element.Scalar(scalar.getValue(), place);
      case SequenceNode sequence ->
          new Element.Sequence(sequence.getValue().stream().map(this::element).toList(), place);
      case MappingNode mapping -> new Element.Mapping(entries(mapping), place);
      case AnchorNode anchor -> element(anchor.getRealNode());
      default -> throw new IllegalStateException("unknown YAML node " + node.getNodeType());
    };
  }

  /** The entries of a mapping, each key once: a second one is reported and left out. */
  private List<Entry> entries(MappingNode mapping) {
    List<Entry> entries = new ArrayList<>();
    Map<String, Place> seen = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      Place place = place(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.accept(problem(place, "a key must be a plain word", ""));
        continue;
      }
      Place first = seen.putIfAbsent(key.getValue(), place);
      if (first == null) {
        entries.add(new Entry(key.getValue(), place, element(tuple.getValueNode())));
      } else {
        problems.accept(
            new ConfigProblem(
                place,
                key.getValue(),
                "",
                "is written twice; the first is at " + first,
                "keep one of them"));
      }
    }
    return List.copyOf(entries);
  }

  private Place place(Node node) {
    return node.getStartMark().map(this::place).orElse(new Place.WholeFile(shown));
  }

  private Place place(Mark mark) {
    return new Place.InFile(shown, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
