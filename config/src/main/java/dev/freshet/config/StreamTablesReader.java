package dev.freshet.config;

import dev.freshet.config.YamlFile.Element;
import dev.freshet.config.YamlFile.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the section {@code stream-tables}: a list whose elements have a {@code name}, or a map by
 * name.
 */
final class StreamTablesReader {
  private static final String NAME = "name";
  private static final String QUERY = "query";
  private static final String QUERY_FILE = "query-file";

  private final Path file;
  private final Consumer<ConfigProblem> problems;
  private final List<StreamTableConfig> tables = new ArrayList<>();
  private final Map<TableName, Place> seen = new HashMap<>();

  /**
   * @param file where the section stands; query files are found from there
   */
  StreamTablesReader(Path file, Consumer<ConfigProblem> problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The stream tables that are right; what is wrong with the others is reported. */
  List<StreamTableConfig> read(Element section) {
    switch (section) {
      case Element.Nothing _ -> {}
      case Element.Sequence(List<Element> elements, _) -> {
        for (int i = 0; i < elements.size(); i++) {
          listed(Settings.STREAM_TABLES + "[" + (i + 1) + "]", elements.get(i));
        }
      }
      case Element.Mapping(List<Entry> entries, _) -> entries.forEach(this::keyed);
      case Element.Scalar(_, Place place) ->
          report(
              place,
              Settings.STREAM_TABLES,
              "is a list of stream tables",
              "write \"- name: schema.table\" beneath it, indented");
    }
    return List.copyOf(tables);
  }

  private void listed(String label, Element element) {
    if (element instanceof Element.Mapping(List<Entry> entries, Place place)) {
      Table table = new Table(label, place);
      table.readAll(entries, List.of(NAME, QUERY, QUERY_FILE));
      table.finish();
    } else {
      report(element.place(), label, "has no keys", "write name, query and schedule");
    }
  }

  private void keyed(Entry entry) {
    Table table = new Table(Settings.STREAM_TABLES + "[" + entry.key() + "]", entry.place());
    table.texts.put(NAME, new Element.Scalar(entry.key(), entry.place()));
    switch (entry.value()) {
      case Element.Mapping(List<Entry> entries, _) ->
          table.readAll(entries, List.of(QUERY, QUERY_FILE));
      case Element.Nothing _ -> {}
      case Element.Scalar _, Element.Sequence _ -> {
        report(
            entry.value().place(), table.label, "has no keys", "write query: and schedule: here");
        return;
      }
    }
    table.finish();
  }

  private void report(Place place, String key, String message, String suggestion) {
    problems.accept(new ConfigProblem(place, key, "", message, suggestion));
  }

  /** One stream table while it is read. */
  private final class Table {
    private final String label;
    private final Place place;
    private final Map<String, Element.Scalar> texts = new LinkedHashMap<>();
    private Values overrides = Values.none();
    private boolean sound = true;

    Table(String label, Place place) {
      this.label = label;
      this.place = place;
    }

    void readAll(List<Entry> entries, List<String> own) {
      for (Entry entry : entries) {
        Optional<Setting<?>> setting = Settings.ofStreamTable(entry.key());
        if (!own.contains(entry.key()) && setting.isEmpty()) {
          refuse(UnknownKey.inStreamTable(entry.place(), label + ".", entry.key(), own));
        } else if (!(entry.value() instanceof Element.Scalar scalar)) {
          boolean nothing = entry.value() instanceof Element.Nothing;
          refuse(
              entry.value().place(),
              entry.key(),
              "",
              nothing ? "has no value" : "takes one value, not a list or keys beneath it",
              nothing ? "write one, or leave the key out" : "");
        } else if (setting.isPresent()) {
          override(setting.get(), scalar);
        } else {
          texts.put(entry.key(), scalar);
        }
      }
    }

    private void override(Setting<?> setting, Element.Scalar scalar) {
      overrides =
          setting.read(
              overrides,
              scalar.text(),
              scalar.place(),
              problem ->
                  refuse(
                      problem.place(),
                      setting.name(),
                      problem.value(),
                      problem.message(),
                      problem.suggestion()));
    }

    /** Adds the stream table, if name and query are there and nothing was wrong. */
    void finish() {
      Optional<TableName> name = name();
      Optional<String> query = query();
      if (sound && name.isPresent() && query.isPresent()) {
        tables.add(
            new StreamTableConfig(
                name.get(), query.get(), new RefreshOverrides(overrides), placeOfQuery()));
      }
    }

    private Place placeOfQuery() {
      return Optional.ofNullable(texts.get(QUERY))
          .or(() -> Optional.ofNullable(texts.get(QUERY_FILE)))
          .map(Element.Scalar::place)
          .orElse(place);
    }

    private Optional<TableName> name() {
      Element.Scalar text = texts.get(NAME);
      if (text == null) {
        refuse(place, NAME, "", "is missing", "write name: schema.table");
        return Optional.empty();
      }
      try {
        TableName name = TableName.parse(text.text());
        Place first = seen.putIfAbsent(name, text.place());
        if (first != null) {
          refuse(
              text.place(),
              NAME,
              text.text(),
              "is the name of two stream tables; the first is at " + first,
              "rename or remove one of them");
        }
        return Optional.of(name);
      } catch (InvalidValueException e) {
        String message = String.valueOf(e.getMessage());
        refuse(text.place(), NAME, text.text(), message, e.suggestion().orElse(""));
        return Optional.empty();
      }
    }

    private Optional<String> query() {
      Element.Scalar query = texts.get(QUERY);
      Element.Scalar queryFile = texts.get(QUERY_FILE);
      if (query != null && queryFile != null) {
        refuse(queryFile.place(), QUERY_FILE, "", "stands beside query", "keep one of them");
        return Optional.empty();
      }
      if (query != null) {
        return checked(query.place(), QUERY, "", query.text());
      }
      if (queryFile != null) {
        return contents(queryFile)
            .flatMap(sql -> checked(queryFile.place(), QUERY_FILE, queryFile.text(), sql));
      }
      refuse(place, QUERY, "", "is missing", "write query: SELECT …, or query-file: file.sql");
      return Optional.empty();
    }

    private Optional<String> checked(Place at, String key, String value, String sql) {
      if (sql.isBlank()) {
        refuse(at, key, value, "is an empty query", "write SELECT …");
        return Optional.empty();
      }
      return Optional.of(sql.strip());
    }

    private Optional<String> contents(Element.Scalar queryFile) {
      try {
        return Optional.of(Files.readString(file.resolveSibling(queryFile.text())));
      } catch (IOException | InvalidPathException e) {
        refuse(
            queryFile.place(),
            QUERY_FILE,
            queryFile.text(),
            "cannot be read: " + Reading.failure(e),
            "relative names start from the folder of " + file.getFileName());
        return Optional.empty();
      }
    }

    private void refuse(Place at, String key, String value, String message, String suggestion) {
      refuse(new ConfigProblem(at, label + "." + key, value, message, suggestion));
    }

    private void refuse(ConfigProblem problem) {
      sound = false;
      problems.accept(problem);
    }
  }
}
