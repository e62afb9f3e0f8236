package dev.freshet.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says which key is meant by one that does not exist: misspelt, or at the wrong level. */
final class UnknownKey {
  private static final String MESSAGE = "is not a key of the configuration";

  private UnknownKey() {}

  /** An unknown dotted key, from the file or an option. */
  static ConfigProblem anywhere(Place place, String key) {
    return new ConfigProblem(place, key, "", MESSAGE, suggestion(key));
  }

  /** An unknown key of a stream table; {@code prefix} says of which, {@code more} is known, too. */
  static ConfigProblem inStreamTable(Place place, String prefix, String name, List<String> more) {
    List<String> names =
        Stream.concat(more.stream(), Settings.OF_STREAM_TABLES.stream().map(Setting::name))
            .toList();
    String bare = name.startsWith("refresh.") ? name.substring("refresh.".length()) : name;
    String suggestion =
        names.contains(bare)
            ? "write " + bare + ", without the section"
            : Nearest.to(bare, names)
                .map(UnknownKey::didYouMean)
                .orElse("the keys are " + String.join(", ", names));
    return new ConfigProblem(place, prefix + name, "", "is not a key of a stream table", suggestion);
  }

  private static String suggestion(String key) {
    List<String> keys = keys();
    List<String> elsewhere = endingLike(key, keys);
    if (!elsewhere.isEmpty()) {
      return "did you mean " + String.join(" or ", elsewhere) + "?";
    }
    Optional<String> nearest = nearestSibling(key, keys).or(() -> Nearest.to(key, keys));
    if (nearest.isPresent()) {
      return didYouMean(nearest.get());
    }
    String parent = parent(key);
    List<String> siblings = children(parent, keys);
    return siblings.isEmpty()
        ? "the sections are " + String.join(", ", children("", keys))
        : parent.isEmpty()
            ? "the sections are " + String.join(", ", siblings)
            : "the keys of " + parent + " are " + String.join(", ", siblings);
  }

  /** Every key, every section and {@code stream-tables}. */
  private static List<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    for (Setting<?> setting : Settings.ALL) {
      List<String> sections = new ArrayList<>();
      for (String at = parent(setting.key()); !at.isEmpty(); at = parent(at)) {
        sections.addFirst(at);
      }
      keys.addAll(sections);
      keys.add(setting.key());
    }
    keys.add(Settings.STREAM_TABLES);
    return List.copyOf(keys);
  }

  /** Keys with the same last part, at another level. */
  private static List<String> endingLike(String key, List<String> keys) {
    String name = key.substring(key.lastIndexOf('.') + 1);
    return keys.stream()
        .filter(other -> other.equals(name) || other.endsWith("." + name))
        .toList();
  }

  /** The nearest key of the section that {@code key} is in. */
  private static Optional<String> nearestSibling(String key, List<String> keys) {
    String parent = parent(key);
    String prefix = parent.isEmpty() ? "" : parent + ".";
    return Nearest.to(key.substring(prefix.length()), children(parent, keys))
        .map(name -> prefix + name);
  }

  private static List<String> children(String parent, List<String> keys) {
    return keys.stream()
        .filter(key -> parent(key).equals(parent))
        .map(key -> key.substring(key.lastIndexOf('.') + 1))
        .collect(Collectors.toList());
  }

  private static String parent(String key) {
    return key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "";
  }

  private static String didYouMean(String key) {
    return "did you mean " + key + "?";
  }
}
