package dev.freshet.config;

import dev.freshet.config.YamlFile.Element;
import dev.freshet.config.YamlFile.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a {@code freshet.yaml} gives: values of keys, and stream tables.
 *
 * @param given in the order of the file
 */
record FileSource(List<Given> given, List<StreamTableConfig> streamTables) {

  static final FileSource NONE = new FileSource(List.of(), List.of());

  /** Reads {@code file}, reporting whatever in it has no meaning. */
  static FileSource read(Path file, Consumer<ConfigProblem> problems) {
    Walk walk = new Walk(file, problems, new ArrayList<>(), new ArrayList<>());
    YamlFile.read(file, problems).ifPresent(walk::root);
    return new FileSource(List.copyOf(walk.given), List.copyOf(walk.streamTables));
  }

  private record Walk(
      Path file,
      Consumer<ConfigProblem> problems,
      List<Given> given,
      List<StreamTableConfig> streamTables) {

    void root(Element element) {
      switch (element) {
        case Element.Mapping mapping -> mapping.entries().forEach(entry -> entry("", entry));
        case Element.Nothing _ -> {}
        case Element.Scalar _, Element.Sequence _ ->
            problems.accept(
                new ConfigProblem(
                    element.place(),
                    "",
                    "",
                    "the file does not consist of keys",
                    "write sections such as \"database:\" with keys beneath them"));
      }
    }

    private void entry(String section, Entry entry) {
      String key = section.isEmpty() ? entry.key() : section + "." + entry.key();
      Optional<Setting<?>> setting = Settings.ofKey(key);
      if (entry.key().contains(".") && (setting.isPresent() || Settings.isSection(key))) {
        report(entry.place(), key, "has a dot; keys are nested here", nested(entry.key()));
      } else if (setting.isPresent()) {
        value(setting.get(), entry.value()).ifPresent(given::add);
      } else if (key.equals(Settings.STREAM_TABLES)) {
        streamTables.addAll(new StreamTablesReader(file, problems).read(entry.value()));
      } else if (Settings.isSection(key)) {
        section(key, entry.value());
      } else {
        problems.accept(UnknownKey.anywhere(entry.place(), key));
      }
    }

    private static String nested(String key) {
      return "write " + key.replace(".", ": and beneath it, indented, ") + ":";
    }

    private void section(String key, Element element) {
      switch (element) {
        case Element.Mapping mapping -> mapping.entries().forEach(entry -> entry(key, entry));
        case Element.Nothing _ -> {}
        case Element.Scalar _, Element.Sequence _ ->
            report(element.place(), key, "is a section", "write its keys beneath it, indented");
      }
    }

    private Optional<Given> value(Setting<?> setting, Element element) {
      return switch (element) {
        case Element.Scalar(String text, Place place) ->
            Optional.of(new Given(setting, text, place, Given.Layer.FILE));
        case Element.Nothing(Place place) -> {
          report(place, setting.key(), "has no value", "write one, or leave the key out");
          yield Optional.empty();
        }
        case Element.Sequence _, Element.Mapping _ -> {
          report(
              element.place(),
              setting.key(),
              "takes one value, not a list or keys beneath it",
              "write " + setting.type().describe());
          yield Optional.empty();
        }
      };
    }

    private void report(Place place, String key, String message, String suggestion) {
      problems.accept(new ConfigProblem(place, key, "", message, suggestion));
    }
  }
}
