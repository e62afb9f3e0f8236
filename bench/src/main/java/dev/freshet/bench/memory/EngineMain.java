package dev.freshet.bench.memory;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.Engine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The engine's process: serves until its input ends, and tells about its heap when asked. */
public final class EngineMain {
  static final String SERVING = "serving";
  static final String HEAP = "heap";

  private EngineMain() {}

  /** Takes the settings as {@code key=value}. */
  public static void main(String[] keysAndValues) throws IOException {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String argument : keysAndValues) {
      int equals = argument.indexOf('=');
      keys.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    HeapWatch heap = new HeapWatch();
    heap.start();
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Engine engine = Engine.open(FreshetConfig.of(keys))) {
      engine.start();
      System.out.println(SERVING);
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        System.out.printf("%s %d %d%n", HEAP, heap.used(), heap.survived());
      }
    }
  }
}
