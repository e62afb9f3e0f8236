package dev.freshet.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The registry for people: the reference file {@code config/freshet.yaml} and the reference page
 * {@code docs/reference/configuration.md}. A test compares both with what this class writes.
 */
public final class ConfigReference {
  private static final int WIDTH = 100;

  /** The sections in their order, and what they are about. */
  private static final Map<String, String> SECTIONS = sections();

  private ConfigReference() {}

  private static Map<String, String> sections() {
    Map<String, String> sections = new LinkedHashMap<>();
    sections.put("database", "The database that Freshet serves, and how to reach it.");
    sections.put("cdc", "How changes are captured.");
    sections.put(
        "refresh",
        "How stream tables are refreshed. Each of these keys can also be set for one stream"
            + " table.");
    sections.put("engine", "The process itself.");
    return sections;
  }

  private static List<Setting<?>> settingsOf(String section) {
    return Settings.ALL.stream()
        .filter(setting -> setting.key().startsWith(section + "."))
        .toList();
  }

  /**
   * A {@code freshet.yaml} that names every key, commented out as in {@code postgresql.conf}: as it
   * stands it changes nothing, so that the defaults of a later release and the variables of libpq
   * stay in force.
   */
  public static String yaml() {
    StringBuilder yaml = new StringBuilder(YamlText.HEAD);
    for (Map.Entry<String, String> section : SECTIONS.entrySet()) {
      comment(yaml.append('\n'), "", section.getValue());
      yaml.append(section.getKey()).append(":\n");
      String open = section.getKey();
      for (Setting<?> setting : settingsOf(section.getKey())) {
        String parent = setting.key().substring(0, setting.key().lastIndexOf('.'));
        boolean nested = !parent.equals(section.getKey());
        yaml.append(yaml.charAt(yaml.length() - 2) == ':' ? "" : "\n");
        if (nested && !parent.equals(open)) {
          yaml.append("  ").append(parent.substring(parent.lastIndexOf('.') + 1)).append(":\n");
        }
        open = parent;
        key(yaml, nested ? "    " : "  ", setting);
      }
    }
    return yaml.append(YamlText.STREAM_TABLES).toString();
  }

  private static void key(StringBuilder yaml, String indent, Setting<?> setting) {
    comment(yaml, indent, setting.description());
    comment(yaml, indent, sentence("Values: " + setting.type().describe()) + preset(setting));
    yaml.append(indent).append('#').append(setting.name()).append(": ").append(sample(setting));
    yaml.append('\n');
  }

  private static String sentence(String text) {
    return text.endsWith("…") ? text : text + ".";
  }

  /** Said only where the line of the key cannot say it. */
  private static String preset(Setting<?> setting) {
    return switch (setting.preset()) {
      case Setting.Preset.Fixed<?> _ -> "";
      case Setting.Preset.Derived<?>(String words, _) -> " Default: " + words + ".";
      case Setting.Preset.Absent<?> _ -> " Default: none.";
    };
  }

  /** The default, or an example where there is no fixed one. */
  private static <T> String sample(Setting<T> setting) {
    return switch (setting.preset()) {
      case Setting.Preset.Fixed<T>(T value) -> setting.type().print(value);
      case Setting.Preset.Derived<T>(_, String example) -> example;
      case Setting.Preset.Absent<T>(String example) -> example;
    };
  }

  private static void comment(StringBuilder yaml, String indent, String text) {
    for (String line : wrapped(text, WIDTH - indent.length() - 2)) {
      yaml.append(indent).append("# ").append(line).append('\n');
    }
  }

  private static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** The reference page. */
  public static String markdown() {
    String sections =
        SECTIONS.entrySet().stream()
            .map(section -> section(section.getKey(), section.getValue()))
            .collect(Collectors.joining("\n"));
    return PageText.HEAD + sections + PageText.TAIL;
  }

  private static String section(String name, String about) {
    String rows =
        settingsOf(name).stream().map(ConfigReference::row).collect(Collectors.joining("\n"));
    return """
    ## %s

    %s

    | key and environment variable | default | values | meaning |
    |---|---|---|---|
    %s
    """
        .formatted(name, about, rows);
  }

  private static String row(Setting<?> setting) {
    String variables =
        "`"
            + setting.environmentVariable()
            + "`"
            + setting.libpqVariable().map(variable -> ", else `" + variable + "`").orElse("");
    String preset =
        switch (setting.preset()) {
          case Setting.Preset.Fixed<?> _ -> "`" + sample(setting) + "`";
          case Setting.Preset.Derived<?>(String words, _) -> words;
          case Setting.Preset.Absent<?> _ -> "none";
        };
    return "| `%s`<br>%s | %s | %s | %s |"
        .formatted(
            setting.key(),
            variables,
            preset,
            cell(setting.type().describe()),
            cell(setting.description()));
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
