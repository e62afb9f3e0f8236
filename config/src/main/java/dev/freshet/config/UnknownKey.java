package dev.freshet.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
                .map(near -> didYouMean(List.of(near)))
                .orElse("the keys are " + String.join(", ", names));
    return new ConfigProblem(
        place, prefix + name, "", "is not a key of a stream table", suggestion);
  }

  private static String suggestion(String key) {
    List<String> keys = keys();
    String parent = parent(key);
    String name = name(key);
    List<String> siblings = children(parent, keys);
    List<String> elsewhere = named(name, keys);
    if (!elsewhere.isEmpty()) {
      return didYouMean(elsewhere);
    }
    Optional<String> sibling = Nearest.to(name, siblings);
    if (sibling.isPresent()) {
      return didYouMean(List.of(parent.isEmpty() ? sibling.get() : parent + "." + sibling.get()));
    }
    Optional<String> similar = Nearest.to(name, keys.stream().map(UnknownKey::name).toList());
    if (similar.isPresent()) {
      return didYouMean(named(similar.get(), keys));
    }
    return parent.isEmpty() || siblings.isEmpty()
        ? "the sections are " + String.join(", ", children("", keys))
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

  /** Keys of this name, at any level. */
  private static List<String> named(String name, List<String> keys) {
    return keys.stream().filter(key -> name(key).equals(name)).toList();
  }

  private static List<String> children(String parent, List<String> keys) {
    return keys.stream().filter(key -> parent(key).equals(parent)).map(UnknownKey::name).toList();
  }

  private static String name(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  private static String parent(String key) {
    return key.contains(".") ? key.substring(0, key.lastIndexOf('.')) : "";
  }

  private static String didYouMean(List<String> keys) {
    return "did you mean " + String.join(" or ", keys) + "?";
  }
}
