package dev.freshet.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The servers of {@code database.host}, of which the primary is meant: {@code db1,db2:5433}. A port
 * of its own follows a name or address; an IPv6 address has brackets where it has a port, or where
 * it is one of several.
 */
record Hosts(List<Host> all) {
  private static final Pattern SHAPE =
      Pattern.compile("(?<name>\\[[^\\]]+\\]|[^:\\[\\]]+)(?::(?<port>\\d{1,5}))?");

  /** One of them. */
  record Host(String name, int port) {
    String authority() {
      return name + ":" + port;
    }
  }

  Hosts {
    all = List.copyOf(all);
  }

  /**
   * Takes {@code text} apart.
   *
   * @param port of those that name none
   * @throws InvalidValueException where one of them is no host
   */
  static Hosts parse(String text, int port) {
    if (!text.contains(",")
        && text.chars().filter(c -> c == ':').count() > 1
        && !text.startsWith("[")) {
      return new Hosts(List.of(new Host("[" + text + "]", port)));
    }
    List<Host> all = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher host = SHAPE.matcher(part);
      if (!host.matches()) {
        throw new InvalidValueException(
            "names no host: \"" + part + "\"", "write host or host:port, separated by commas");
      }
      String own = host.group("port");
      all.add(new Host(host.group("name"), own == null ? port : Integer.parseInt(own)));
    }
    return new Hosts(all);
  }

  boolean isSeveral() {
    return all.size() > 1;
  }

  String authority() {
    return all.stream().map(Host::authority).collect(Collectors.joining(","));
  }
}
