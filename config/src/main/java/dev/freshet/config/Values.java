package dev.freshet.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Checked values by their setting. Immutable; what is not set is answered by the default. */
final class Values {
  private static final Values NONE = new Values(Map.of());

  private final Map<Setting<?>, Object> set;

  private Values(Map<Setting<?>, Object> set) {
    this.set = set;
  }

  static Values none() {
    return NONE;
  }

  <T> Values with(Setting<T> setting, T value) {
    Map<Setting<?>, Object> more = new LinkedHashMap<>(set);
    more.put(setting, value);
    return new Values(more);
  }

  /** These and, where both have a value, that of {@code later}. */
  Values with(Values later) {
    Map<Setting<?>, Object> more = new LinkedHashMap<>(set);
    more.putAll(later.set);
    return new Values(more);
  }

  Values without(Setting<?> setting) {
    Map<Setting<?>, Object> fewer = new LinkedHashMap<>(set);
    fewer.remove(setting);
    return new Values(fewer);
  }

  /** The value that was set. */
  @SuppressWarnings("unchecked") // with(Setting<T>, T) alone puts values in
  <T> Optional<T> find(Setting<T> setting) {
    return Optional.ofNullable((T) set.get(setting));
  }

  /** The value that was set, or the setting's fixed default. */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseGet(setting::fixedDefault);
  }

  boolean isEmpty() {
    return set.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Values values && set.equals(values.set);
  }

  @Override
  public int hashCode() {
    return set.hashCode();
  }
}
