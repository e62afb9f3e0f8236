package dev.freshet.config;

import java.nio.file.Path;

/** A key's value as somebody wrote it: not read yet, and with its place. */
record Given(Setting<?> setting, String text, Place place, Layer layer) {
  /** The sources, in rising priority. */
  enum Layer {
    LIBPQ,
    FILE,
    ENVIRONMENT,
    OPTION
  }

  /** A part of this connection URL, standing where the URL stands. */
  Given part(Setting<?> partSetting, String partText) {
    return new Given(partSetting, partText, place, layer);
  }

  /** The same with relative file names counted from the file that they are written in. */
  Given located() {
    return setting.type() instanceof ValueType.FileName
            && place instanceof Place.InFile(Path file, _, _)
            && !text.isBlank()
            && text.indexOf('\0') < 0
        ? new Given(setting, file.resolveSibling(text).toString(), place, layer)
        : this;
  }

  ConfigProblem problem(String message, String suggestion) {
    return new ConfigProblem(
        place, setting.key(), setting.type().display(text), message, suggestion);
  }

  /** Without the text, which may be a password. */
  @Override
  public String toString() {
    return setting.key() + " at " + place;
  }
}
