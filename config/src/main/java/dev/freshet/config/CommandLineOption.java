package dev.freshet.config;

/**
 * One option of the command line that sets a key.
 *
 * @param flag as the user wrote it, {@code --database} or {@code --set cdc.slot-name}; problems
 *     name it
 * @param key dotted, {@code database.url}
 */
public record CommandLineOption(String flag, String key, String value) {
  /** {@code --set key=value}. */
  public static CommandLineOption set(String key, String value) {
    return new CommandLineOption("--set " + key, key, value);
  }

  /** Without the value, which may be a password. */
  @Override
  public String toString() {
    return flag + " (" + key + ")";
  }
}
